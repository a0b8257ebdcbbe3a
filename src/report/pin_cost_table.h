// SPDX-License-Identifier: GPL-2.0
/// What a reference to a page of DAX memory costs, against one to anonymous memory. Pure.
#pragma once

#include <string>
#include <vector>

#include "report/markdown_table.h"
#include "result/record.h"

namespace daxbreak {

/// A section of a Markdown page; "" if the run measured no such thing (`daxbreak run --census`).
[[nodiscard]] std::string pin_cost_section(const RunRecord& run,
                                           const std::vector<KernelColumn>& columns);

}  // namespace daxbreak
