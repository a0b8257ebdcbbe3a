// SPDX-License-Identifier: GPL-2.0
// fallocate(2) FALLOC_FL_INSERT_RANGE: what lies at the range and behind it moves down by its
// length. The file keeps its blocks, but not at the offsets they had. A range behind the end of the
// file is refused with EINVAL.
#include "workloads/breaker/fallocate.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "insert-range",
    .help = "fallocate(2) FALLOC_FL_INSERT_RANGE: moves the range's blocks to other offsets",
    .takes = Takes::maybe,
    .ranged = true,
    .may_be_refused = true,
    .run = [](BreakTarget& target) { return fallocate_range(target, FALLOC_FL_INSERT_RANGE); },
    .recipe = {.includes = "#include <linux/falloc.h>\n",
               .call = "fallocate(fd, FALLOC_FL_INSERT_RANGE, offset, length)"},
}};

}  // namespace
}  // namespace daxbreak
