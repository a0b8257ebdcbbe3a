// SPDX-License-Identifier: GPL-2.0
/// What the kernel does with a storm's breakers, seen by BPF programs that stream nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/scheme.h"

struct storm_stamp;

namespace daxbreak {

/// Probes that are there as long as this lives: they cost time, so a measurement without them does
/// not have one. Root only.
class StormWatch {
 public:
  /// Loads and attaches. Without `wakes` scans, sleeps and runs alone are probed, and put_ns and
  /// wake_ns of the stamps are 0. Put hooks that cannot be probed are listed by missing(). To be
  /// destroyed when nobody works any more: detaching probes from functions that are being run on
  /// another processor has been seen to oops (6.1.192, a call of 0 where wake_up_var() begins).
  [[nodiscard]] static Result<StormWatch> open(const Scheme& scheme, bool wakes);
  StormWatch(StormWatch&&) noexcept;
  StormWatch& operator=(StormWatch&&) noexcept;
  ~StormWatch();

  /// From now on the breaker's waits are stamped in `slot`.
  Result<void> follow(std::uint32_t tid, std::size_t slot);

  /// The stamp of a slot, in memory that forked processes share. Read it when the breaker's system
  /// call has returned.
  [[nodiscard]] const storm_stamp& stamp(std::size_t slot) const;

  /// Whether puts and wakes are probed: as open() was asked.
  [[nodiscard]] bool sees_wakes() const;

  [[nodiscard]] const std::vector<std::string>& missing() const;

 private:
  struct State;
  explicit StormWatch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daxbreak
