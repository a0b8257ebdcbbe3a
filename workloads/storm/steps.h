// SPDX-License-Identifier: GPL-2.0
/// What the loads have in common: time, and places in a file.
#pragma once

#include <cstdint>
#include <ctime>

#include "base/clock.h"
#include "workloads/storm/load.h"
#include "workloads/storm/random.h"

namespace daxbreak {

/// Sleeps for a load's think time, if it has any. A signal ends it early.
inline void think(std::int64_t ns) noexcept {
  if (ns <= 0) return;
  constexpr std::int64_t second = 1000000000;
  const timespec span{.tv_sec = ns / second, .tv_nsec = ns % second};
  static_cast<void>(::clock_nanosleep(CLOCK_MONOTONIC, 0, &span, nullptr));
}

/// Aligned pieces of [first, end), one after the other or at random.
class Places {
 public:
  Places() = default;
  /// `piece` bytes each; threads that go in order start at different places.
  Places(std::uint64_t first, std::uint64_t end, std::uint64_t piece, const LoadPlace& place,
         bool random)
      : first_(first),
        piece_(piece),
        count_(end > first ? (end - first) / piece : 0),
        random_(random),
        numbers_(place.seed, place.thread) {
    if (place.threads > 0) next_ = count_ * place.thread / place.threads;
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }

  /// The offset of the next piece. There must be one.
  [[nodiscard]] std::uint64_t next() noexcept {
    if (random_) return first_ + (numbers_.below(count_) * piece_);
    if (next_ >= count_) next_ = 0;
    return first_ + (next_++ * piece_);
  }

 private:
  std::uint64_t first_ = 0;
  std::uint64_t piece_ = 4096;
  std::uint64_t count_ = 0;
  std::uint64_t next_ = 0;
  bool random_ = true;
  Random numbers_;
};

}  // namespace daxbreak
