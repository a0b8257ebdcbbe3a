// SPDX-License-Identifier: GPL-2.0
/// A trial of a file on a DAX filesystem: a page of it is pinned, and its layout is broken under
/// the pin.
#pragma once

#include "base/result.h"
#include "trial/timeline.h"
#include "trial/trial.h"

namespace daxbreak {

/// Runs the cell in files of its own in TrialSetup::directory, which are gone afterwards. An Error
/// is harness trouble.
Result<void> run_file_trial(const Cell& cell, const TrialSetup& setup, Timeline& timeline);

}  // namespace daxbreak
