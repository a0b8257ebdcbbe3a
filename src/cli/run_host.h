// SPDX-License-Identifier: GPL-2.0
/// Runs on the machine that daxbreak stands on.
#pragma once

#include <filesystem>
#include <stop_token>

#include "base/result.h"
#include "cli/collector.h"
#include "cli/kernel_choice.h"
#include "cli/run_jobs.h"
#include "cli/run_options.h"

namespace daxbreak {

/// Runs the jobs' cells in the DAX directories, in one sub-directory of each that is made for it
/// and removed after; a directory is locked against a second run. Trials happen without root too,
/// but then nobody observes them and none can pass; that is said once. After a wedge the cells that
/// are left are in the record as skipped, and the sub-directories stay, for `doctor --clean`.
[[nodiscard]] Result<RunRecord> run_on_host(const std::vector<Job>& jobs,
                                            const std::vector<PlannedCell>& cells,
                                            const RunOptions& options,
                                            const std::filesystem::path& configs,
                                            const RunPurpose& purpose, Collector& collector,
                                            std::stop_token stop);

}  // namespace daxbreak
