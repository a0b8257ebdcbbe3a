// SPDX-License-Identifier: GPL-2.0
/// Whose bytes go where when a block is given away under a pin: marks both sides, and counts each
/// other's marks. Judged by oracle/isolation.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "pmem/mount.h"
#include "trial/freed_block.h"
#include "trial/pattern.h"
#include "trial/recorder.h"
#include "trial/trial_file.h"
#include "workloads/pin/pin.h"

namespace daxbreak {

/// The marks of one trial, and the block that its file lost, once that has a new owner. Gives the
/// block back when destroyed.
class Isolation {
 public:
  /// The ids are what marks a gate's device and the block's new owner. The recorder outlives it.
  Isolation(PatternId device, PatternId new_owner, Recorder& record)
      : device_id_(device), owner_id_(new_owner), record_(record) {}
  Isolation(const Isolation&) = delete;
  Isolation& operator=(const Isolation&) = delete;
  ~Isolation() { return_block(); }

  /// Marks what a read through the pin would bring, `length` bytes of the open device, so that a
  /// stray write can be recognised.
  Result<void> mark_device(int device, std::size_t length) const;

  /// Whether the breaker's partner was given the block at a device offset; then it is marked there.
  /// That file is its owner now.
  Result<bool> mark_in_partner(const TrialFile& partner, std::uint64_t physical);

  /// Lets a new file have the block, and marks it, if the filesystem hands it out: take_block().
  Result<void> take(const DaxDirectory& directory, std::uint64_t physical, std::uint64_t freed,
                    bool take_all);

  /// Whether one of the two succeeded: the block is the trial's own again.
  [[nodiscard]] bool owns_block() const { return owner_.has_value(); }

  /// After the release of a pin of `length` bytes: writes down what it received of the new owner's,
  /// or what the new owner received of the device's. Nothing if the block has none.
  void inspect(Pin& pin, PinFlow flow, std::uint64_t length) const;

  /// Gives the block back now, if there is one.
  void return_block();

 private:
  const PatternId device_id_;
  const PatternId owner_id_;
  Recorder& record_;
  std::optional<Reuse> owner_;
};

}  // namespace daxbreak
