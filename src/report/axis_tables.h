// SPDX-License-Identifier: GPL-2.0
/// Runs whose cells are no product of anything: a table for each axis instead of a matrix.
#pragma once

#include <string>
#include <vector>

#include "report/marks.h"
#include "report/style.h"
#include "result/record.h"

namespace daxbreak {

/// Whether a matrix of the run would be many rows of blanks: more rows than one looks through, and
/// less than 30 % of the combinations of pins, breakers, disturbers and columns are there.
[[nodiscard]] bool is_sparse(const RunRecord& run);

/// One table for each axis that has several values: a value a row, in the order of the plan; under
/// each kernel how many trials with it passed, failed, proved nothing and were skipped, and the
/// letters of what was found. Kernels that do not fit in the width go below.
[[nodiscard]] std::string format_axis_tables(const RunRecord& run, const Marks& marks,
                                             const Style& style);

}  // namespace daxbreak
