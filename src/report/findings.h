// SPDX-License-Identifier: GPL-2.0
/// Findings in plain sentences, with their evidence.
#pragma once

#include <string>
#include <vector>

#include "report/known.h"
#include "report/style.h"
#include "result/record.h"

namespace daxbreak {

/// One paragraph for each kind of finding on each kernel: how often, what it means, in which cells,
/// how often it came back, an example with its evidence, and what is known of it. "" if none.
[[nodiscard]] std::string format_findings(const RunRecord& run,
                                          const std::vector<KnownFinding>& known,
                                          const Style& style);

/// Kernels that could not be had or died, with the console's last lines. "" if none.
[[nodiscard]] std::string format_incidents(const RunRecord& run, const Style& style);

}  // namespace daxbreak
