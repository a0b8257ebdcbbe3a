// SPDX-License-Identifier: GPL-2.0
/// A trial of device-private memory: anonymous pages that a device has taken come back, are given
/// up or are fought over. Nobody waits for anybody; data and counts must come out right.
#pragma once

#include "base/result.h"
#include "trial/timeline.h"
#include "trial/trial.h"

namespace daxbreak {

/// Runs the cell on the driver TrialSetup::directory.path, which is empty where the kernel has
/// none. An Error is harness trouble.
Result<void> run_private_trial(const Cell& cell, const TrialSetup& setup, Timeline& timeline);

}  // namespace daxbreak
