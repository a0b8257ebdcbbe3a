// SPDX-License-Identifier: GPL-2.0
/// What taking a reference on a page and dropping it costs: a DAX page against an ordinary one.
#pragma once

#include <vector>

#include "pmem/mount.h"
#include "result/record.h"

namespace daxbreak {

/// Takes references on pages and drops them by vmsplice(2) and by splicing the pipe into /dev/null,
/// 16 pages at a time, for DAX memory (4 KiB pages) and anonymous memory in turn, several times.
/// No data are copied and nothing is allocated between the clock's readings. Costs are medians of
/// the repetitions, nanoseconds for each page; Error is harness trouble.
[[nodiscard]] Result<std::vector<PinCost>> measure_pin_costs(const DaxDirectory& directory);

}  // namespace daxbreak
