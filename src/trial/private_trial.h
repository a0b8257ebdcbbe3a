// SPDX-License-Identifier: GPL-2.0
/// A trial of memory that a device takes, device-private or device-coherent: anonymous pages that
/// it has come back, are given up, are held or fought over. Nobody waits for anybody; data and
/// counts must come out right.
#pragma once

#include "base/result.h"
#include "trial/timeline.h"
#include "trial/trial.h"

namespace daxbreak {

/// Runs the cell on the driver TrialSetup::directory.path; where the kernel has none the directory
/// says why. An Error is harness trouble.
Result<void> run_private_trial(const Cell& cell, const TrialSetup& setup, Timeline& timeline);

}  // namespace daxbreak
