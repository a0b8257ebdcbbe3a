// SPDX-License-Identifier: GPL-2.0
/// The matrix on the terminal: kernels across, cells down, one mark each.
#pragma once

#include <string>
#include <vector>

#include "report/known.h"
#include "report/style.h"
#include "result/record.h"

namespace daxbreak {

/// The table and its legend. Rows are pin, breaker and disturber in the order of the plan; under
/// each kernel stand its filesystems and page sizes. Where a pin's breakers, or a breaker's
/// disturbers, look the same in every column they are one row, "any". Kernels that do not fit in
/// the width go into a table below. Of many pins those that look the same stand together, and of
/// many rows that look the same only one stands there, "others". A run that is no matrix gets the
/// tables of axis_tables.h instead. Empty if there is no trial.
[[nodiscard]] std::string format_matrix(const RunRecord& run,
                                        const std::vector<KnownFinding>& known, const Style& style);

/// The counts, with every reason for which trials were skipped or proved nothing.
[[nodiscard]] std::string format_counts(const RunRecord& run,
                                        const std::vector<KnownFinding>& known, const Style& style);

/// Everything that a person wants to see at the end of a run: matrix, findings, incidents, counts,
/// censuses with pages astray, where the time went. No trailing blank line.
[[nodiscard]] std::string format_report(const RunRecord& run,
                                        const std::vector<KnownFinding>& known, const Style& style);

}  // namespace daxbreak
