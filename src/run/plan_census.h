// SPDX-License-Identifier: GPL-2.0
/// The censuses of a plan: a page in each of its states at the beginning, whole namespaces at the
/// end.
#pragma once

#include <vector>

#include "base/result.h"
#include "pmem/mount.h"
#include "run/bench.h"
#include "run/plan.h"

namespace daxbreak {

/// The census table's records, for each filesystem and page size, into the sink. The bench has its
/// kernel view.
Result<void> census_states(const Plan& plan, const std::vector<DaxDirectory>& directories,
                           const Sink& sink, Bench& bench);

/// The counts of all pages of each filesystem's namespace, all of which must be idle, into the
/// sink. What cannot be counted is left out.
void census_namespaces(const Plan& plan, const std::vector<DaxDirectory>& directories,
                       const Sink& sink, const KernelView& view);

}  // namespace daxbreak
