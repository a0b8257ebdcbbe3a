// SPDX-License-Identifier: GPL-2.0
/// Whether a kernel counts as the scheme says that its symbols spoke for.
#pragma once

#include <string>

#include "pmem/mount.h"
#include "run/kernel_view.h"

namespace daxbreak {

/// Puts one page of a fresh file through "in the file" and "mapped" and reads its count in each.
/// One sentence for the results: what was measured and whether the scheme agrees. A contradiction
/// stops nothing: every trial measures the same again, and a kernel that counts otherwise than its
/// scheme fails them (scheme-mismatch).
[[nodiscard]] std::string probe_live(const KernelView& view, const DaxDirectory& directory);

}  // namespace daxbreak
