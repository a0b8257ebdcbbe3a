// SPDX-License-Identifier: GPL-2.0
/// What two attempts at a suspect prove together. Pure.
#pragma once

#include "oracle/verdict.h"

namespace daxbreak {

/// Whether one of the verdict's findings is of that kind.
[[nodiscard]] bool has_kind(const Verdict& verdict, std::string_view kind);

/// The verdict on a suspect.
struct Settled {
  Verdict verdict;
  bool of_second = false;  ///< whose timeline shows it: the second attempt's, or the first's
  int came_back = 0;       ///< in how many of the two attempts it was there
};

/// Joins a failed attempt and its repetition, which had more patience. What was proved in either
/// stays a finding. What rests on a deadline alone, on one reading of a count or, on a machine that
/// is not ours alone, on a log that everybody writes to has to be in both; if nothing else is left
/// the trial is inconclusive.
[[nodiscard]] Settled settle(Verdict first, Verdict second, bool shared_machine);

}  // namespace daxbreak
