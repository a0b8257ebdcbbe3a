// SPDX-License-Identifier: GPL-2.0
// fallocate(2) FALLOC_FL_ZERO_RANGE: the range reads as zeroes. ext4 keeps its blocks and marks
// them unwritten (fs/ext4/extents.c, ext4_zero_range()); XFS punches them out and allocates anew
// (fs/xfs/xfs_file.c, xfs_falloc_zero_range(); before 6.12 in xfs_file_fallocate()).
#include "workloads/breaker/fallocate.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "zero-range",
    .help = "fallocate(2) FALLOC_FL_ZERO_RANGE: ext4 keeps the blocks, XFS takes new ones",
    .takes = Takes::maybe,
    .ranged = true,
    .run = [](BreakTarget& target) { return fallocate_range(target, FALLOC_FL_ZERO_RANGE); },
    .recipe = {.includes = "#include <linux/falloc.h>\n",
               .call = "fallocate(fd, FALLOC_FL_ZERO_RANGE, offset, length)"},
}};

}  // namespace
}  // namespace daxbreak
