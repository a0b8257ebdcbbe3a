// SPDX-License-Identifier: GPL-2.0
/// A trial on device-dax: there is no file whose layout could be broken; what must wait for a pin
/// is the teardown of the device, as its struct pages go with it.
#pragma once

#include "base/result.h"
#include "trial/timeline.h"
#include "trial/trial.h"

namespace daxbreak {

/// Runs the cell on the namespace TrialSetup::directory.device, which gets the cell's page size as
/// its alignment first. An Error is harness trouble. Leaves the device torn down if the breaker
/// did that.
Result<void> run_device_trial(const Cell& cell, const TrialSetup& setup, Timeline& timeline);

}  // namespace daxbreak
