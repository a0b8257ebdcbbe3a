// SPDX-License-Identifier: GPL-2.0
/// fallocate(2) over the broken range, in whichever mode.
///
/// ext4 breaks layouts in every mode but plain allocation, and scans the whole file for it (6.12
/// fs/ext4/extents.c, ext4_fallocate(); before, in each mode's own function). XFS does so in every
/// mode, plain allocation included, over the whole file as well (fs/xfs/xfs_file.c,
/// xfs_file_fallocate()).
#pragma once

#include <fcntl.h>
#include <linux/falloc.h>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {

[[nodiscard]] inline int fallocate_range(const BreakTarget& target, int mode) {
  return outcome(::fallocate(target.fd, mode, static_cast<off_t>(target.offset),
                             static_cast<off_t>(target.length)));
}

}  // namespace daxbreak
