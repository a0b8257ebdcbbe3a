// SPDX-License-Identifier: GPL-2.0
/// The counts of device-private pages while the kernel moves them, seen by BPF programs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "kernel/census.h"

namespace daxbreak {

/// What was seen of the pages since begin(): count -> how often. Counts beyond -2 and 13 are
/// counted there.
struct PrivateCounts {
  Census freed;       ///< when the driver got a page back: pgmap->ops->page_free() was entered
  Census handed_out;  ///< when it handed one out, before the count was set; where that can be seen
  Census filled;      ///< when the migration put one in the place of an ordinary page
};

/// Probes on the test driver of device-private memory and on what migrates. Root only. Open it once
/// per boot and keep it, as the Observer; it survives fork().
class PrivateWatch {
 public:
  /// Loads and attaches; what cannot be probed is left out and listed by missing(). An Error if
  /// nothing could be.
  [[nodiscard]] static Result<PrivateWatch> open();
  PrivateWatch(PrivateWatch&&) noexcept;
  PrivateWatch& operator=(PrivateWatch&&) noexcept;
  ~PrivateWatch();

  /// From now on counts the struct pages from address `first` to before `end`. With `linger` the
  /// driver's page_free() returns that much later.
  void begin(std::uint64_t first, std::uint64_t end, Nanos linger);

  /// Stops, and says what was seen.
  [[nodiscard]] PrivateCounts end();

  /// Whether begin() can make page_free() return late.
  [[nodiscard]] bool can_linger() const;

  /// Functions that this kernel does not let us probe.
  [[nodiscard]] const std::vector<std::string>& missing() const;

 private:
  struct State;
  explicit PrivateWatch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daxbreak
