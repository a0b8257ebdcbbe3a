// SPDX-License-Identifier: GPL-2.0
/// KTAP version 1, as the kernel documents it (Documentation/dev-tools/ktap.rst).
#pragma once

#include <string>
#include <vector>

#include "report/known.h"
#include "report/tally.h"
#include "result/record.h"

namespace daxbreak {

/// One subtest for each kernel, in it one for each cell. What was skipped or proved nothing is SKIP
/// with the reason, what the user expects to fail is XFAIL, a machine that died is ERROR; findings
/// and their evidence are diagnostic lines before the result. Pure.
[[nodiscard]] std::string format_ktap(const RunRecord& run, const std::vector<KnownFinding>& known,
                                      Expect expect);

}  // namespace daxbreak
