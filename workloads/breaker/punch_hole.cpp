// SPDX-License-Identifier: GPL-2.0
// fallocate(2) FALLOC_FL_PUNCH_HOLE: the range's blocks are freed.
#include "workloads/breaker/fallocate.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "punch-hole",
    .help = "fallocate(2) FALLOC_FL_PUNCH_HOLE: frees the range's blocks",
    .ranged = true,
    .run =
        [](BreakTarget& target) {
          return fallocate_range(target, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
        },
    .recipe = {.includes = "#include <linux/falloc.h>\n",
               .call = "fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length)"},
}};

}  // namespace
}  // namespace daxbreak
