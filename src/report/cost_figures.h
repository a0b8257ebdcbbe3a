// SPDX-License-Identifier: GPL-2.0
/// What is told of measurements, and each figure with what a reader must know of it. Pure.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <vector>

#include "result/fit.h"

namespace daxbreak {

enum class CostKind { latency, rate, number };

/// What a row or a table of figures is about.
struct CostQuantity {
  CostKind kind = CostKind::latency;
  std::string name;   ///< of the series, or of the number
  std::string label;  ///< "last put → wake"

  auto operator<=>(const CostQuantity&) const = default;
};

/// All that these measurements have figures of: latencies, rates, numbers, what the observer cost.
[[nodiscard]] std::vector<CostQuantity> cost_quantities(std::span<const MeasureGroup> groups);

/// Whether no repetition did anything but pass.
[[nodiscard]] bool all_passed(const MeasureGroup& group);

/// A median over the repetitions with its spread, and a "?" behind it where not all of them passed.
/// Without a figure "failed", "skipped" or "inconclusive" if that is why; "none" if the operation
/// was tried and never came to its end, "-" if nobody asked for it.
[[nodiscard]] std::string cost_figure(const MeasureGroup& group, const CostQuantity& what);

}  // namespace daxbreak
