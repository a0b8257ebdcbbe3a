// SPDX-License-Identifier: GPL-2.0
/// How a trial of a file is made, as far as the oracles need to know it.
#pragma once

#include "trial/trial.h"

namespace daxbreak {

/// Fills in what of the timeline follows from the cell's kinds and from what the trial is given,
/// before anything happens. The cell's names are known to exist.
void describe_making(const Cell& cell, const TrialSetup& setup, Timeline& timeline);

}  // namespace daxbreak
