// SPDX-License-Identifier: GPL-2.0
/// The cells of one kernel, shared by the machines that run it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "run/runner.h"

namespace daxbreak {

/// Hands cells out in order. Thread-safe.
class CellQueue {
 public:
  explicit CellQueue(std::vector<PlannedCell> cells)
      : cells_(std::make_move_iterator(cells.begin()), std::make_move_iterator(cells.end())) {}

  /// The next cells: all of them, or if others may join, half, but never fewer than `least`.
  [[nodiscard]] std::vector<PlannedCell> take(bool others_may_join, std::size_t least) {
    const std::scoped_lock lock(mutex_);
    auto count = cells_.size();
    if (others_may_join) count = std::min(count, std::max(least, (count + 1) / 2));
    const auto end = cells_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<PlannedCell> batch(cells_.begin(), end);
    cells_.erase(cells_.begin(), end);
    return batch;
  }

  [[nodiscard]] std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return cells_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::deque<PlannedCell> cells_;
};

}  // namespace daxbreak
