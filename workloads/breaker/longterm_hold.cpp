// SPDX-License-Identifier: GPL-2.0
#include "workloads/breaker/longterm_hold.h"

#include <sys/uio.h>

namespace daxbreak {

LongtermHold::~LongtermHold() {
  if (ready_) io_uring_queue_exit(&ring_);
}

int LongtermHold::take(std::span<std::byte> pages) {
  if (const int failed = io_uring_queue_init(2, &ring_, 0); failed < 0) return -failed;
  ready_ = true;
  const iovec buffer{.iov_base = pages.data(), .iov_len = pages.size()};
  return -io_uring_register_buffers(&ring_, &buffer, 1);
}

int LongtermHold::drop() {
  return -io_uring_unregister_buffers(&ring_);
}

}  // namespace daxbreak
