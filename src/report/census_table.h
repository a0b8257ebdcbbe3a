// SPDX-License-Identifier: GPL-2.0
/// What the kernels' reference counts look like, for `daxbreak census`.
#pragma once

#include <string>

#include "report/style.h"
#include "result/record.h"

namespace daxbreak {

/// The states of a page down, the kernels across, the counts measured. A state that was measured
/// several times (filesystems, page sizes) with the same outcome shows it once, otherwise every
/// count that was seen: "2/1025". Kernels that do not fit in the width go into a table below.
/// "" if no record has a state.
[[nodiscard]] std::string format_census_table(const RunRecord& run, const Style& style);

/// One line for each histogram without a state, as of whole namespaces: "6.1 ext4 namespace, end of
/// run: 131072 pages: count 1 x 131072". Those that should be idle and are not are marked.
[[nodiscard]] std::string format_census_histograms(const RunRecord& run, const Style& style);

}  // namespace daxbreak
