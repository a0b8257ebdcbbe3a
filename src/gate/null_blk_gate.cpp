// SPDX-License-Identifier: GPL-2.0
// The timed gate: null_blk's completion timer.
#include <algorithm>

#include "gate/gate.h"
#include "gate/null_blk.h"

namespace daxbreak {
namespace {

class NullBlkGate final : public Gate {
 public:
  NullBlkGate(NullBlk disk, Nanos completion) : disk_(std::move(disk)), completion_(completion) {}

  [[nodiscard]] const std::string& device() const override { return disk_.path(); }

  // Every request is held for its time, whenever it comes; only the counter is noted.
  Result<void> shut() override {
    auto counts = disk_.counts();
    if (!counts) return counts.error();
    completed_before_ = counts->completed;
    return ok();
  }

  // What is held now was submitted at the latest now, so one completion time is enough. Less is,
  // once I/O came back since shut() and none is in flight; that none is in flight is not enough by
  // itself: a submitter may have pinned its pages and not yet reached the driver.
  Result<void> open() override {
    constexpr Nanos shortest = std::chrono::microseconds(200);
    constexpr Nanos longest = std::chrono::milliseconds(5);
    const Deadline surely(completion_);
    while (!surely.passed()) {
      auto counts = disk_.counts();
      if (!counts) return counts.error();
      if (counts->in_flight == 0 && counts->completed > completed_before_) return ok();
      sleep_for(std::min(surely.left(), std::clamp(completion_ / 50, shortest, longest)));
    }
    return ok();
  }

 private:
  NullBlk disk_;
  Nanos completion_;
  std::uint64_t completed_before_ = 0;
};

const GateRegistry::Add null_blk{{
    .name = "null-blk",
    .help = "null_blk completes each request from a timer interrupt, a fixed time after submission",
    .timed = true,
    .make = [](const GateSettings& settings) -> Result<std::unique_ptr<Gate>> {
      if (settings.completion <= Nanos::zero())
        return Error{"a null-blk gate needs a completion time above zero"};
      auto disk = NullBlk::make(settings.completion);
      if (!disk) return disk.error();
      return std::unique_ptr<Gate>(
          std::make_unique<NullBlkGate>(*std::move(disk), settings.completion));
    },
}};

}  // namespace
}  // namespace daxbreak
