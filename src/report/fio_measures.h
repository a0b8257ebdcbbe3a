// SPDX-License-Identifier: GPL-2.0
/// Measurements as jobs of fio's JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "result/record.h"

namespace daxbreak {

/// Appends one job for each repetition to `jobs`: operations with a direction of fio's stand under
/// read, write or trim (of several series of one direction the first), everything else, numbers and
/// verdict included, under "daxbreak". Rates are over the time that the clock ran.
void append_fio_measures(nlohmann::ordered_json& jobs, const RunRecord& run, bool bins);

}  // namespace daxbreak
