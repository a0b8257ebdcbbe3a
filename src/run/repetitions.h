// SPDX-License-Identifier: GPL-2.0
/// All repetitions of one planned measurement.
#pragma once

#include <optional>
#include <string>

#include "pmem/mount.h"
#include "run/bench.h"
#include "run/plan.h"

namespace daxbreak {

/// Runs them, each into the sink; one that cannot be had here is skipped with the reason. The
/// directory is the one with the measurement's filesystem, or nullptr. `planned` is a measurement,
/// and the bench has its kernel view. A value: this machine can run no more, and why.
[[nodiscard]] std::optional<std::string> run_repetitions(const PlannedCell& planned,
                                                         const DaxDirectory* directory,
                                                         const Plan& plan, const Sink& sink,
                                                         Bench& bench);

}  // namespace daxbreak
