// SPDX-License-Identifier: GPL-2.0
/// `--bisect-cell`: from a finding to its smallest cell.
#pragma once

#include "cli/run_options.h"

namespace daxbreak {

/// Runs the cell options.bisect_cell on the one kernel of the options in the lab. If it has a
/// finding, replaces one axis's value after the other by the simplest, as long as the finding
/// stays, and prints the job file and the reproducer of what is left (to --output FILE and FILE.c,
/// where given). Returns the exit status; every error has been said.
int bisect_cell(RunOptions options);

}  // namespace daxbreak
