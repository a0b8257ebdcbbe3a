// SPDX-License-Identifier: GPL-2.0
/// One attempt at a cell, judged.
#pragma once

#include "oracle/verdict.h"
#include "pmem/mount.h"
#include "run/bench.h"
#include "run/plan.h"
#include "trial/timeline.h"

namespace daxbreak {

/// What came of one.
struct Attempt {
  Timeline timeline;
  Verdict verdict;
  bool wedged = false;  ///< a process of it cannot be killed
};

/// Runs the cell's trial in a process of its own, with the gate it needs, and judges it. The bench
/// has its kernel view; what else of it the trial needs is made. Trouble with that is in the
/// attempt's timeline.
[[nodiscard]] Attempt make_attempt(const Cell& cell, const DaxDirectory& directory, double patience,
                                   const Plan& plan, Bench& bench);

}  // namespace daxbreak
