// SPDX-License-Identifier: GPL-2.0
/// Who uses a device, and what it carries: the questions before destroying anything.
#pragma once

#include <string>

#include "base/result.h"

namespace daxbreak {

/// Why a block device or one of its partitions is in use ("mounted on /mnt"), or "". Looks at
/// mounts, swap, device-mapper and md holders, and at last tries an exclusive open.
[[nodiscard]] Result<std::string> block_holder(const std::string& device);

/// Why a device-dax character device is in use ("opened by process 123 (fio)"), or "". Sees only
/// what this user may see of other processes.
[[nodiscard]] Result<std::string> character_holder(const std::string& device);

/// The signature on a block device: a filesystem's name, "partition table (gpt)", or "" if libblkid
/// knows none.
[[nodiscard]] Result<std::string> block_content(const std::string& device);

}  // namespace daxbreak
