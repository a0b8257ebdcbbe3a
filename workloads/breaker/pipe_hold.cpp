// SPDX-License-Identifier: GPL-2.0
#include "workloads/breaker/pipe_hold.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace daxbreak {

int PipeHold::take(std::span<std::byte> pages) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
  out_ = Fd(ends[0]);
  in_ = Fd(ends[1]);
  ::fcntl(in_.get(), F_SETPIPE_SZ, static_cast<int>(2 * pages.size()));
  const iovec all{.iov_base = pages.data(), .iov_len = pages.size()};
  const ssize_t held = ::vmsplice(in_.get(), &all, 1, SPLICE_F_NONBLOCK);
  if (held < 0) return errno;
  return held == static_cast<ssize_t>(pages.size()) ? 0 : EAGAIN;
}

int PipeHold::drain(std::span<std::byte> into) {
  while (!into.empty()) {
    const ssize_t got = ::read(out_.get(), into.data(), into.size());
    if (got <= 0) return got < 0 ? errno : EIO;
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return 0;
}

}  // namespace daxbreak
