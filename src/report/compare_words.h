// SPDX-License-Identifier: GPL-2.0
/// A comparison's figures and cells in words, for every format that people read.
#pragma once

#include <string>
#include <vector>

#include "report/compare.h"

namespace daxbreak {

/// "1.20 ms", "94.0k/s", "2.31".
[[nodiscard]] std::string figure_value(const Figure& figure, double value);

/// "+16.4 %"; "" where a side has no value.
[[nodiscard]] std::string figure_change(const Figure& figure);

/// "+9.1 % to +24.2 %"; "" without an interval.
[[nodiscard]] std::string figure_interval(const Figure& figure);

/// "10 and 10 repetitions of 4 cells".
[[nodiscard]] std::string figure_ground(const Figure& figure);

/// "6.1 (6.1.192-2, fsdax-one)", or both sides where they differ: "6.1 (...) -> 6.12 (...)".
[[nodiscard]] std::string pair_title(const KernelComparison& kernel);

/// "" if the times are a machine's, else what to think of them.
[[nodiscard]] std::string emulation_note(const KernelComparison& kernel);

/// Cells that changed alike.
struct ChangedCells {
  Judgement judgement = Judgement::no_difference;
  std::string change;
  std::string why;
  std::string known;
  std::string sentence;               ///< of the first finding, on the side that has one
  std::vector<std::string> patterns;  ///< which cells, as describe_cells() has it, or measurements
  std::size_t cells = 0;
};

/// All cells that are not as they were, the worst first, then the most numerous.
[[nodiscard]] std::vector<ChangedCells> changed_cells(const KernelComparison& kernel);

/// "3 worse, 12 better, 20 can't tell, 397 no difference"; what there is none of is left out.
[[nodiscard]] std::string counts_in_words(const JudgementCounts& counts);

/// How often cells that did not change pass, fail, or prove nothing: "300 pass, 80 fail, 17 prove
/// nothing".
[[nodiscard]] std::string unchanged_in_words(const KernelComparison& kernel);

/// What the intervals mean, in a sentence or two.
[[nodiscard]] std::string rules_in_words(const Comparison& comparison);

}  // namespace daxbreak
