// SPDX-License-Identifier: GPL-2.0
// fallocate(2) FALLOC_FL_WRITE_ZEROES, since 6.17: as zero-range, but with blocks that are written.
// Only where the block device can write zeroes without moving data; pmem does not say that it can.
#include "workloads/breaker/fallocate.h"

// Not in the headers of kernels before 6.17.
#ifndef FALLOC_FL_WRITE_ZEROES
#define FALLOC_FL_WRITE_ZEROES 0x80
#endif

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "write-zeroes",
    .help = "fallocate(2) FALLOC_FL_WRITE_ZEROES (6.17 and later, if the device can)",
    .takes = Takes::maybe,
    .ranged = true,
    .may_be_refused = true,
    .run = [](BreakTarget& target) { return fallocate_range(target, FALLOC_FL_WRITE_ZEROES); },
    .recipe = {.includes = "#include <linux/falloc.h>\n",
               .call = "fallocate(fd, 0x80 /* FALLOC_FL_WRITE_ZEROES */, offset, length)"},
}};

}  // namespace
}  // namespace daxbreak
