// SPDX-License-Identifier: GPL-2.0
// fallocate(2) FALLOC_FL_COLLAPSE_RANGE: frees the range and moves what follows to its place. A
// range that reaches the end of the file is refused with EINVAL: that is truncate's work.
#include "workloads/breaker/fallocate.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "collapse-range",
    .help = "fallocate(2) FALLOC_FL_COLLAPSE_RANGE: frees the range, moves the rest of the file up",
    .ranged = true,
    .needs_tail = true,
    .may_be_refused = true,
    .run = [](BreakTarget& target) { return fallocate_range(target, FALLOC_FL_COLLAPSE_RANGE); },
    .recipe = {.includes = "#include <linux/falloc.h>\n",
               .call = "fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, offset, length)"},
}};

}  // namespace
}  // namespace daxbreak
