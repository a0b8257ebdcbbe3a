// SPDX-License-Identifier: GPL-2.0
// fallocate(2) FALLOC_FL_UNSHARE_RANGE: blocks shared by reflink are copied, the others stay
// (fs/xfs/xfs_reflink.c, xfs_reflink_unshare()). ext4 does not know it.
#include "workloads/breaker/fallocate.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "unshare-range",
    .help = "fallocate(2) FALLOC_FL_UNSHARE_RANGE: copies blocks shared by reflink",
    .takes = Takes::maybe,
    .ranged = true,
    .may_be_refused = true,
    .filesystems = {"xfs"},
    .run = [](BreakTarget& target) { return fallocate_range(target, FALLOC_FL_UNSHARE_RANGE); },
    .recipe = {.includes = "#include <linux/falloc.h>\n",
               .call = "fallocate(fd, FALLOC_FL_UNSHARE_RANGE, offset, length)"},
}};

}  // namespace
}  // namespace daxbreak
