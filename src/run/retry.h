// SPDX-License-Identifier: GPL-2.0
/// A cell's first attempt, and its second where the first proves too little.
#pragma once

#include <optional>
#include <string>

#include "pmem/mount.h"
#include "run/bench.h"
#include "run/plan.h"

namespace daxbreak {

/// Runs the cell, again with more patience if nothing was proved or it is a suspect, and puts what
/// counts into the record. The bench has its kernel view. A value: this machine can run no more,
/// and why.
[[nodiscard]] std::optional<std::string> run_with_retry(TrialRecord& record, const Cell& cell,
                                                        const DaxDirectory& directory,
                                                        const Plan& plan, Bench& bench);

}  // namespace daxbreak
