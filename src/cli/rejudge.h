// SPDX-License-Identifier: GPL-2.0
/// Saved runs, judged by today's oracles.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "result/record.h"

namespace daxbreak {

/// Judges the saved timelines again, by today's oracles. What no oracle judged (a machine that
/// died, a cell that was skipped) stays as it is.
Result<void> rejudge(RunRecord& run, const std::filesystem::path& configs);

}  // namespace daxbreak
