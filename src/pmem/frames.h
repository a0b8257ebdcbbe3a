// SPDX-License-Identifier: GPL-2.0
/// Which page frames stand behind a block device.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "kernel/page.h"

namespace daxbreak {

/// A block device as sysfs knows it.
struct BlockDevice {
  std::string name;             ///< "pmem0p1"
  std::filesystem::path sysfs;  ///< its real directory ("/sys/devices/.../block/pmem0/pmem0p1")
};

/// The block device with this number; an Error where there is none.
[[nodiscard]] Result<BlockDevice> block_device(unsigned major, unsigned minor);

/// The block device behind a path ("/dev/pmem0").
[[nodiscard]] Result<BlockDevice> block_device(const std::string& path);

/// Frames of a range in bytes of physical memory, whole pages only.
[[nodiscard]] PfnRange frames_of(std::uint64_t resource, std::uint64_t bytes);

/// The frames of a pmem device or of a partition of one; its offset 0 is frames.first. Needs root:
/// the kernel shows physical addresses to nobody else. An Error for any other device, among them
/// device-mapper volumes on pmem, whose offsets are not the device's.
[[nodiscard]] Result<PfnRange> block_device_frames(const BlockDevice& device);

}  // namespace daxbreak
