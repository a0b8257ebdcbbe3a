// SPDX-License-Identifier: GPL-2.0
/// Where a file's blocks lie on its device (FS_IOC_FIEMAP).
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// A run of blocks, all in bytes. `unwritten`: allocated but reading as zeroes.
struct Extent {
  std::uint64_t logical = 0;
  std::uint64_t physical = 0;  ///< offset on the block device
  std::uint64_t length = 0;
  bool unwritten = false;
};

/// All extents of the file, in logical order, after syncing it (FIEMAP_FLAG_SYNC).
[[nodiscard]] Result<std::vector<Extent>> file_extents(int fd);

/// The device offset of a byte of the file; an Error where it lies in a hole.
[[nodiscard]] Result<std::uint64_t> physical_offset(const std::vector<Extent>& extents,
                                                    std::uint64_t logical);

/// The file offset that holds a device offset; an Error where the file does not own it.
[[nodiscard]] Result<std::uint64_t> logical_offset(const std::vector<Extent>& extents,
                                                   std::uint64_t physical);

}  // namespace daxbreak
