// SPDX-License-Identifier: GPL-2.0
// vmsplice(2): the pipe's buffers hold the pages (FOLL_GET in every kernel to date: fs/splice.c,
// iter_to_pipe()) until somebody reads the pipe. The pipe is its own gate.
#include <fcntl.h>
#include <sys/uio.h>

#include <array>
#include <vector>

#include "base/fd.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

class VmsplicePin final : public Pin {
 public:
  Result<void> hold(const PinTarget& target) override {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make a pipe");
    read_end_ = Fd(ends[0]);
    write_end_ = Fd(ends[1]);
    // One pipe buffer per page; the default pipe has room for 16.
    if (::fcntl(write_end_.get(), F_SETPIPE_SZ, static_cast<int>(target.memory.size())) < 0)
      return errno_error("size the pipe");
    iovec part{target.memory.data(), target.memory.size()};
    while (part.iov_len > 0) {
      const ssize_t spliced = ::vmsplice(write_end_.get(), &part, 1, SPLICE_F_NONBLOCK);
      if (spliced <= 0) return errno_error("vmsplice the mapping into a pipe");
      part.iov_base = static_cast<std::byte*>(part.iov_base) + spliced;
      part.iov_len -= static_cast<std::size_t>(spliced);
    }
    bytes_.resize(target.memory.size());
    return ok();
  }

  Result<void> release() override {
    std::size_t got = 0;
    while (got < bytes_.size()) {
      const ssize_t part = ::read(read_end_.get(), bytes_.data() + got, bytes_.size() - got);
      if (part <= 0) return errno_error("drain the pipe");
      got += static_cast<std::size_t>(part);
    }
    read_end_.reset();
    write_end_.reset();
    return ok();
  }

  Result<std::vector<std::byte>> received() override { return bytes_; }

 private:
  Fd read_end_;
  Fd write_end_;
  std::vector<std::byte> bytes_;
};

const PinRegistry::Add registered{{
    .name = "vmsplice",
    .help = "vmsplice(2) into a pipe that nobody reads (FOLL_GET); ends when the pipe is drained",
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<VmsplicePin>(); },
}};

}  // namespace
}  // namespace daxbreak
