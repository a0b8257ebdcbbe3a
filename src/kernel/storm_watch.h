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
  /// Loads and attaches. Put hooks that cannot be probed are listed by missing(), until they are
  /// left.
  [[nodiscard]] static Result<StormWatch> open(const Scheme& scheme);
  StormWatch(StormWatch&&) noexcept;
  StormWatch& operator=(StormWatch&&) noexcept;
  ~StormWatch();

  /// From now on the breaker's waits are stamped in `slot`.
  Result<void> follow(std::uint32_t tid, std::size_t slot);

  /// The stamp of a slot, in memory that forked processes share. Read it when the breaker's system
  /// call has returned.
  [[nodiscard]] const storm_stamp& stamp(std::size_t slot) const;

  /// True if the hooks of puts and wakes are entered for each page of each release, because
  /// mappings count nothing under this scheme: they cost what they watch too much to stay while
  /// rates are measured.
  [[nodiscard]] bool samples_wakes() const;

  /// Detaches such hooks, which takes milliseconds. From then on put_ns and wake_ns are 0.
  void leave_wakes();

  [[nodiscard]] const std::vector<std::string>& missing() const;

 private:
  struct State;
  explicit StormWatch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daxbreak
