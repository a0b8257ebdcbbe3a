// SPDX-License-Identifier: GPL-2.0
/// Which of a machine's DAX directories is which.
#pragma once

#include <string_view>
#include <vector>

#include "pmem/mount.h"

namespace daxbreak {

/// Whether it stands for a device's memory: no files can be made there.
[[nodiscard]] bool is_device(const DaxDirectory& directory);

/// The one with this filesystem, or nullptr.
[[nodiscard]] const DaxDirectory* directory_for(std::string_view filesystem,
                                                const std::vector<DaxDirectory>& directories);

}  // namespace daxbreak
