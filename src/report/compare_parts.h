// SPDX-License-Identifier: GPL-2.0
/// What compare_runs() is made of.
#pragma once

#include <string>
#include <vector>

#include "report/compare.h"

namespace daxbreak {

/// One kernel's part of a run.
struct KernelPart {
  const RunRecord& run;
  std::string kernel;
};

/// Cells of both sides and of one alone, their findings told apart; judge_cells() judges them.
void compare_cells(const KernelPart& base, const KernelPart& other,
                   const std::vector<KnownFinding>& known, KernelComparison& into);

/// Fills in judgements, `tests` as in judge_figure().
void judge_cells(KernelComparison& comparison, const CompareRules& rules, std::size_t tests);

/// The censuses of both sides that had to find every page idle.
void compare_censuses(const KernelPart& base, const KernelPart& other, KernelComparison& into);

/// Latencies of trials in cells that both sides have; unjudged.
[[nodiscard]] std::vector<Figure> trial_figures(const KernelPart& base, const KernelPart& other,
                                                CompareBy by);

/// Rates and latencies of storms and loads, point by point; unjudged.
[[nodiscard]] std::vector<Figure> measure_figures(const KernelPart& base, const KernelPart& other);

/// "storm ext4/4k mapped=64m pinners=4 (fio-3.33)": one point of a sweep. The engine is left out
/// where it is our own.
[[nodiscard]] std::string point_name(const MeasureRecord& measure);

}  // namespace daxbreak
