// SPDX-License-Identifier: GPL-2.0
/// Runs the cells of one kernel on this machine, in order, into a sink. The lab's guest and the
/// host's `run` are both this.
#pragma once

#include <vector>

#include "base/result.h"
#include "pmem/mount.h"
#include "run/bench.h"
#include "run/plan.h"

namespace daxbreak {

/// Runs the plan. Directories are by filesystem name ("ext4", "xfs"); cells of a filesystem that
/// is not there are skipped with that reason. What the bench lacks is put there, for the next plan.
/// Returns after run's end or when wedged.
Result<void> run_plan(const Plan& plan, const std::vector<DaxDirectory>& directories,
                      const Sink& sink, Bench& bench);

}  // namespace daxbreak
