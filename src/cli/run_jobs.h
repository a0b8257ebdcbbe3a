// SPDX-License-Identifier: GPL-2.0
/// From a job file to an exit status: what `run`, `matrix` and `census` do.
#pragma once

#include <functional>

#include "cli/run_options.h"
#include "result/record.h"

namespace daxbreak {

/// What is particular to a subcommand.
struct RunPurpose {
  bool states = false;    ///< measure the census table too
  bool no_cells = false;  ///< run no trial at all
  /// Prints the record instead of the usual report, where set; returns the exit status.
  std::function<int(const RunRecord&)> print;
};

/// The command line of this process, for the record.
[[nodiscard]] std::string own_command();

/// Reads the job file, runs it in the lab or in --directory, writes the reports. Returns the exit
/// status; every error has been said.
int run_jobs(RunOptions options, RunPurpose purpose);

}  // namespace daxbreak
