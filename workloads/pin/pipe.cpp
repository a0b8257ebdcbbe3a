// SPDX-License-Identifier: GPL-2.0
#include "workloads/pin/pipe.h"

#include <fcntl.h>
#include <sys/uio.h>

#include <array>

namespace daxbreak {

Result<Pipe> Pipe::make(std::size_t room) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return errno_error("make a pipe");
  Pipe pipe{.read_end = Fd(ends[0]), .write_end = Fd(ends[1])};
  if (::fcntl(pipe.write_end.get(), F_SETPIPE_SZ, static_cast<int>(room)) < 0)
    return errno_error("size the pipe");
  return pipe;
}

Result<void> Pipe::hold(std::span<std::byte> memory) {
  iovec part{memory.data(), memory.size()};
  while (part.iov_len > 0) {
    const ssize_t spliced = ::vmsplice(write_end.get(), &part, 1, SPLICE_F_NONBLOCK);
    if (spliced <= 0) return errno_error("vmsplice the mapping into a pipe");
    part.iov_base = static_cast<std::byte*>(part.iov_base) + spliced;
    part.iov_len -= static_cast<std::size_t>(spliced);
  }
  return ok();
}

Result<void> Pipe::drain(std::span<std::byte> into) {
  while (!into.empty()) {
    const ssize_t part = ::read(read_end.get(), into.data(), into.size());
    if (part < 0) return errno_error("drain the pipe");
    if (part == 0) return Error{"the pipe ended before all was drained", EPIPE};
    into = into.subspan(static_cast<std::size_t>(part));
  }
  return ok();
}

void Pipe::close() {
  read_end.reset();
  write_end.reset();
}

}  // namespace daxbreak
