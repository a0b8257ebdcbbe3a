// SPDX-License-Identifier: GPL-2.0
// An O_DIRECT write through io_uring. A gate that defers makes the first, non-blocking attempt
// fail with EAGAIN; an io-wq worker then submits, so the references are taken a moment after
// io_uring_submit() returned. References as in odirect.cpp.
#include <liburing.h>

#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"
#include "workloads/pin/task_state.h"

namespace daxbreak {
namespace {

class IoUringPin final : public Pin {
 public:
  ~IoUringPin() override {
    if (ready_) io_uring_queue_exit(&ring_);
  }

  Result<void> hold(const PinTarget& target) override {
    auto device = open_device(*target.gate);
    if (!device) return device.error();
    device_ = std::move(*device);
    length_ = target.memory.size();
    if (const int failed = io_uring_queue_init(2, &ring_, 0); failed < 0)
      return Error{"io_uring_queue_init", -failed};
    ready_ = true;
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    io_uring_prep_write(entry, device_.get(), target.memory.data(), static_cast<unsigned>(length_),
                        0);
    if (const int sent = io_uring_submit(&ring_); sent != 1)
      return Error{"io_uring_submit", sent < 0 ? -sent : EIO};
    return ok();
  }

  [[nodiscard]] bool in_flight() const override { return io_workers_idle(); }

  Result<void> release() override {
    io_uring_cqe* entry = nullptr;
    if (const int failed = io_uring_wait_cqe(&ring_, &entry); failed < 0)
      return Error{"io_uring_wait_cqe", -failed};
    const std::int64_t result = entry->res;
    io_uring_cqe_seen(&ring_, entry);
    return io_result("io_uring write", result, length_);
  }

  Result<std::vector<std::byte>> received() override {
    return device_content(device_.get(), length_);
  }

 private:
  Fd device_;
  io_uring ring_{};
  bool ready_ = false;
  std::size_t length_ = 0;
};

const PinRegistry::Add registered{{
    .name = "io-uring",
    .help = "io_uring O_DIRECT write from the mapping; ends when the gate lets it complete",
    .needs_gate = true,
    .odirect = true,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<IoUringPin>(); },
}};

}  // namespace
}  // namespace daxbreak
