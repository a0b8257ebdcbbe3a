// SPDX-License-Identifier: GPL-2.0
/// The one clock: CLOCK_MONOTONIC in nanoseconds, which bpf_ktime_get_ns() shares.
#pragma once

#include <chrono>
#include <cstdint>

namespace daxbreak {

/// A span of time in nanoseconds.
using Nanos = std::chrono::nanoseconds;

/// Nanoseconds of CLOCK_MONOTONIC since boot. Comparable with the observer's kernel timestamps.
[[nodiscard]] std::int64_t now_ns();

/// Sleeps for `span` on CLOCK_MONOTONIC, through signals.
void sleep_for(Nanos span);

/// A point in time after which a wait gives up.
class Deadline {
 public:
  explicit Deadline(Nanos span) : at_ns_(now_ns() + span.count()) {}
  [[nodiscard]] bool passed() const { return now_ns() >= at_ns_; }
  /// Time left, never negative.
  [[nodiscard]] Nanos left() const;
  /// Milliseconds left for poll(2), rounded up, never negative.
  [[nodiscard]] int left_ms() const;

 private:
  std::int64_t at_ns_;
};

}  // namespace daxbreak
