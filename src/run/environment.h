// SPDX-License-Identifier: GPL-2.0
/// What results say of where they come from.
#pragma once

#include <vector>

#include "pmem/mount.h"
#include "result/record.h"
#include "run/kernel_view.h"
#include "run/plan.h"

namespace daxbreak {

/// The environment of a plan's results: kernel, filesystems, what a live page's counts are. With
/// `costs` also what references on pages cost here, which takes a while.
[[nodiscard]] Environment environment_of(const Plan& plan, const KernelView& view,
                                         const std::vector<DaxDirectory>& directories, bool costs);

}  // namespace daxbreak
