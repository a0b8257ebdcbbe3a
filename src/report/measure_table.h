// SPDX-License-Identifier: GPL-2.0
/// What storms and plain loads measured, as text.
#pragma once

#include <string>
#include <vector>

#include "report/known.h"
#include "report/style.h"
#include "result/record.h"

namespace daxbreak {

/// One block for each point: rate, latency and their spread over the repetitions for each kind of
/// operation, the parts of a break's wait, numbers, verdicts; then the lines through sweeps. "" if
/// nothing was measured.
[[nodiscard]] std::string format_measures(const RunRecord& run,
                                          const std::vector<KnownFinding>& known,
                                          const Style& style);

}  // namespace daxbreak
