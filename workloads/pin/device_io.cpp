// SPDX-License-Identifier: GPL-2.0
#include "workloads/pin/device_io.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/file.h"
#include "pmem/mapping.h"

namespace daxbreak {

Result<Fd> open_device(const Gate& gate) {
  return open_file(gate.device(), O_RDWR | O_DIRECT);
}

Result<std::vector<std::byte>> device_content(int fd, std::size_t length) {
  const std::unique_ptr<void, decltype(&std::free)> buffer(std::aligned_alloc(small_page, length),
                                                           &std::free);
  if (!buffer) return Error{"allocate a buffer for the gate's content", ENOMEM};
  const ssize_t got = ::pread(fd, buffer.get(), length, 0);
  if (auto read = io_result("read back the gate's device", got < 0 ? -errno : got, length); !read)
    return read.error();
  std::vector<std::byte> bytes(length);
  std::memcpy(bytes.data(), buffer.get(), length);
  return bytes;
}

Result<void> io_result(const char* doing, std::int64_t result, std::size_t wanted) {
  if (result < 0) return Error{doing, static_cast<int>(-result)};
  if (static_cast<std::size_t>(result) != wanted)
    return Error{fmt::format("{}: {} of {} bytes", doing, result, wanted), 0};
  return ok();
}

}  // namespace daxbreak
