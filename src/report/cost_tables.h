// SPDX-License-Identifier: GPL-2.0
/// Measurements as Markdown tables with the kernels side by side. Pure.
#pragma once

#include <string>
#include <vector>

#include "report/markdown_table.h"
#include "report/measure_words.h"
#include "result/fit.h"
#include "result/record.h"

namespace daxbreak {

/// Measurements of one section that differ in nothing but their kernel and what was swept.
struct CostBlock {
  std::vector<MeasureGroup> groups;  ///< points on each kernel, in the run's order; never empty
  SweptValues swept;                 ///< numbers ascending, else in the run's order

  [[nodiscard]] const MeasureRecord& first() const { return groups.front().first(); }
};

/// All measurements of a run. They refer to its records.
[[nodiscard]] std::vector<CostBlock> cost_blocks(const RunRecord& run);

/// Where nothing was swept one table with a row for each quantity; else one for each quantity with
/// a row for each point, and the lines through latencies. "" where nothing has a figure.
[[nodiscard]] std::string cost_tables(const CostBlock& block,
                                      const std::vector<KernelColumn>& columns);

}  // namespace daxbreak
