// SPDX-License-Identifier: GPL-2.0
/// Latencies in fio's human layout.
#pragma once

#include <string>
#include <vector>

#include "report/groups.h"
#include "report/style.h"
#include "result/statistics.h"

namespace daxbreak {

/// One block for each group: the breaks as fio's trim operations (clat is the time inside the
/// system call), then how long they were blocked and how soon they woke. "" if nothing was
/// measured.
[[nodiscard]] std::string format_fio_text(const RunRecord& run,
                                          const std::vector<KnownFinding>& known, GroupBy by,
                                          const Style& style);

/// "clat (usec): min=20, max=31, avg=24.10, stdev= 2.11" and its percentiles, as fio writes them;
/// the unit suits the values.
[[nodiscard]] std::string format_latency(const std::string& name, const Statistics& statistics,
                                         bool percentiles);

}  // namespace daxbreak
