// SPDX-License-Identifier: GPL-2.0
/// A comparison for its readers. Pure.
#pragma once

#include <string>

#include "report/compare.h"
#include "report/style.h"

namespace daxbreak {

/// For people: the judgement first, then a line for each kernel, then what changed. `everything`
/// shows each line for itself that otherwise stands with others like it.
[[nodiscard]] std::string format_comparison(const Comparison& comparison, const Style& style,
                                            bool everything);

/// The same as Markdown tables.
[[nodiscard]] std::string format_comparison_markdown(const Comparison& comparison);

/// Everything, as one JSON object; times are nanoseconds, changes are relative (0.05 is 5 %).
[[nodiscard]] std::string format_comparison_json(const Comparison& comparison);

}  // namespace daxbreak
