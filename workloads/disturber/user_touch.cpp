// SPDX-License-Identifier: GPL-2.0
#include "workloads/disturber/user_touch.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/fd.h"
#include "pmem/mapping.h"

namespace daxbreak {

int touch_by_kernel(std::span<const std::byte> memory) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return errno;
  const Fd out(ends[0]);
  const Fd in(ends[1]);
  int failed = 0;
  for (std::size_t at = 0; at < memory.size(); at += small_page) {
    if (::write(in.get(), memory.data() + at, 1) != 1) failed = errno;
    char byte = 0;
    while (::read(out.get(), &byte, 1) == 1) {
    }
  }
  return failed;
}

}  // namespace daxbreak
