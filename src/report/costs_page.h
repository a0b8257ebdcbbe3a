// SPDX-License-Identifier: GPL-2.0
/// What layout breaks, pins and faults cost, kernels side by side: docs/costs.md. Pure.
#pragma once

#include <string>
#include <vector>

#include "report/known.h"
#include "result/record.h"

namespace daxbreak {

/// Markdown: where it was measured, how the measurements ended and why, then for each section of
/// the job what was done and its figures in tables, with a column for each kernel; at the end what
/// a reference costs (`daxbreak run --census`).
[[nodiscard]] std::string format_costs_page(const RunRecord& run,
                                            const std::vector<KnownFinding>& known);

}  // namespace daxbreak
