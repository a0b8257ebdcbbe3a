// SPDX-License-Identifier: GPL-2.0
/// Refcount schemes side by side: docs/schemes-measured.md. Pure.
#pragma once

#include <string>
#include <vector>

#include "report/known.h"
#include "result/record.h"

namespace daxbreak {

/// Markdown: one column for each kernel of the run; what a page's count is in each state, how the
/// trials ended and with which findings, how long breaks and wakeups took, what a reference costs.
/// States and costs are there if the run measured them (`daxbreak run --census`).
[[nodiscard]] std::string format_schemes_page(const RunRecord& run,
                                              const std::vector<KnownFinding>& known);

}  // namespace daxbreak
