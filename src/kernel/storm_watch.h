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
  /// Loads and attaches. Put hooks that cannot be probed are listed by missing().
  [[nodiscard]] static Result<StormWatch> open(const Scheme& scheme);
  StormWatch(StormWatch&&) noexcept;
  StormWatch& operator=(StormWatch&&) noexcept;
  ~StormWatch();

  /// From now on the breaker's waits are stamped in `slot`.
  Result<void> follow(std::uint32_t tid, std::size_t slot);

  /// The stamp of a slot, in memory that forked processes share. Read it when the breaker's system
  /// call has returned.
  [[nodiscard]] const storm_stamp& stamp(std::size_t slot) const;

  /// True if a hook of the scheme is entered by every put, not only by the last one of a page: that
  /// costs what it watches too much to stay while rates are measured.
  [[nodiscard]] bool watches_every_put() const;

  /// Detaches such hooks, which takes milliseconds. storm_stamp::put_ns is 0 from now on.
  void leave_puts();

  [[nodiscard]] const std::vector<std::string>& missing() const;

 private:
  struct State;
  explicit StormWatch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daxbreak
