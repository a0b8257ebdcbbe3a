// SPDX-License-Identifier: GPL-2.0
// pread(2)/pwrite(2) with O_DIRECT between a device and the DAX mapping, held in flight by a gate.
// The bio holds the pages: FOLL_GET up to 6.4, FOLL_PIN since (block/bio.c, bio_iov_iter_get_pages,
// iov_iter_extract_pages). They are let go in __bio_release_pages() (bio_release_pages() in 5.10).
#include <unistd.h>

#include <atomic>
#include <thread>

#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"
#include "workloads/pin/task_state.h"

namespace daxbreak {
namespace {

enum class Direction { read, write };

class OdirectPin final : public Pin {
 public:
  explicit OdirectPin(Direction direction) : direction_(direction) {}

  Result<void> hold(const PinTarget& target) override {
    auto device = open_device(*target.gate);
    if (!device) return device.error();
    device_ = std::move(*device);
    memory_ = target.memory;
    worker_ = std::jthread([this] {
      tid_ = ::gettid();
      const ssize_t moved = direction_ == Direction::read
                                ? ::pread(device_.get(), memory_.data(), memory_.size(), 0)
                                : ::pwrite(device_.get(), memory_.data(), memory_.size(), 0);
      result_ = moved < 0 ? -errno : moved;
    });
    return ok();
  }

  /// Having submitted, the thread sleeps uninterruptibly until the I/O has completed.
  [[nodiscard]] bool in_flight() const override { return tid_ != 0 && task_state(tid_) == 'D'; }

  Result<void> release() override {
    worker_.join();
    return io_result(direction_ == Direction::read ? "pread with O_DIRECT" : "pwrite with O_DIRECT",
                     result_, memory_.size());
  }

  Result<std::vector<std::byte>> received() override {
    return device_content(device_.get(), memory_.size());
  }

 private:
  Direction direction_;
  Fd device_;
  std::span<std::byte> memory_;
  std::atomic<pid_t> tid_{0};
  std::int64_t result_ = 0;  // written by the worker, read after join()
  std::jthread worker_;
};

const PinRegistry::Add registered_read{{
    .name = "odirect-read",
    .help = "pread(2) with O_DIRECT into the mapping; ends when the gate lets the I/O complete",
    .needs_gate = true,
    .odirect = true,
    .flow = PinFlow::to_page,
    .make = [] { return std::make_unique<OdirectPin>(Direction::read); },
}};

const PinRegistry::Add registered_write{{
    .name = "odirect-write",
    .help = "pwrite(2) with O_DIRECT from the mapping; ends when the gate lets the I/O complete",
    .needs_gate = true,
    .odirect = true,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<OdirectPin>(Direction::write); },
}};

}  // namespace
}  // namespace daxbreak
