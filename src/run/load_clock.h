// SPDX-License-Identifier: GPL-2.0
/// One load in one thread, by the clock.
#pragma once

#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "result/measure.h"

namespace daxbreak {

/// What a load did while the clock ran.
struct LoadRun {
  double seconds = 0;
  std::vector<MeasuredSeries> series;  ///< in the order of Load::series()
};

/// Prepares the load and steps it in this thread: for `warmup`, which is left out of the result,
/// and then for `runtime`.
[[nodiscard]] Result<LoadRun> run_load(const LoadKind& kind, const LoadPlace& place, Nanos warmup,
                                       Nanos runtime, const std::stop_token& stop = {});

}  // namespace daxbreak
