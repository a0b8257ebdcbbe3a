// SPDX-License-Identifier: GPL-2.0
/// The cells of one kernel, shared by the machines that run it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "job/sense.h"
#include "run/runner.h"

namespace daxbreak {

/// Hands cells out in order, those that may wedge a kernel last and one by one. Thread-safe.
class CellQueue {
 public:
  explicit CellQueue(std::vector<PlannedCell> cells) {
    for (PlannedCell& planned : cells)
      (needs_own_machine(planned) ? alone_ : cells_).push_back(std::move(planned));
  }

  /// Whether a cell may leave its kernel unusable: it gets a machine that runs nothing else.
  [[nodiscard]] static bool needs_own_machine(const PlannedCell& planned) {
    return !planned.measure && can_wedge(planned.cell) && !skip_reason(planned.cell);
  }

  /// The next cells: all of them, or if others may join, half, but never fewer than `least`. One
  /// that needs a machine of its own comes alone.
  [[nodiscard]] std::vector<PlannedCell> take(bool others_may_join, std::size_t least) {
    const std::scoped_lock lock(mutex_);
    if (!began_) began_ = now_ns();
    auto& from = cells_.empty() ? alone_ : cells_;
    auto count = from.size();
    if (others_may_join) count = std::min(count, std::max(least, (count + 1) / 2));
    if (&from == &alone_) count = std::min<std::size_t>(count, 1);
    const auto end = from.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<PlannedCell> batch(from.begin(), end);
    from.erase(from.begin(), end);
    return batch;
  }

  [[nodiscard]] std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return cells_.size() + alone_.size();
  }

  /// How long they will take, in ordinary cells: one that needs a machine of its own pays for its
  /// boot.
  [[nodiscard]] std::size_t work() const {
    constexpr std::size_t boot = 20;
    const std::scoped_lock lock(mutex_);
    return cells_.size() + (boot * alone_.size());
  }

  /// How long ago the first cells were handed out.
  [[nodiscard]] Nanos age() const {
    const std::scoped_lock lock(mutex_);
    return began_ ? Nanos(now_ns() - *began_) : Nanos::zero();
  }

  /// How many are left that may share a machine.
  [[nodiscard]] std::size_t ordinary() const {
    const std::scoped_lock lock(mutex_);
    return cells_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::optional<std::int64_t> began_;
  std::deque<PlannedCell> cells_;
  std::deque<PlannedCell> alone_;
};

}  // namespace daxbreak
