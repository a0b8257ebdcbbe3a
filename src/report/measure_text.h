// SPDX-License-Identifier: GPL-2.0
/// What was measured, in the words and digits that every report has for it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/known.h"
#include "result/fit.h"
#include "result/record.h"

namespace daxbreak {

/// A count or a rate: "0.52", "12.3k".
[[nodiscard]] std::string figure_text(double value);

/// "45.6 us".
[[nodiscard]] std::string latency_text(double ns);

/// What stands behind a median: " +-3%"; "" where no two repetitions have the figure.
[[nodiscard]] std::string spread_text(const Spread& spread);

/// A number of that name: "2", "1.583"; the observer's cost is a share: "3.9%".
[[nodiscard]] std::string number_text(std::string_view name, double value);

/// Its least and its most: " (1.4 to 1.7)".
[[nodiscard]] std::string range_text(std::string_view name, const Spread& spread);

/// Whether a number is what the observer cost, in percent.
[[nodiscard]] bool is_observer_cost(std::string_view name);

/// "678 us + 243 ns".
[[nodiscard]] std::string line_text(const LinearFit& fit);

/// "r2=0.998".
[[nodiscard]] std::string quality_text(const LinearFit& fit);

/// What kept a repetition from a pass: "stuck: it slept (known: refault-under-waiter)", "skip:
/// files cannot share blocks here". Empty if it passed.
[[nodiscard]] std::vector<std::string> objections_to(const MeasureRecord& record,
                                                     const Environment& environment,
                                                     const std::vector<KnownFinding>& known);

}  // namespace daxbreak
