// SPDX-License-Identifier: GPL-2.0
// fallocate(2) without a mode that takes anything: allocates what is a hole. XFS waits for every
// page of the file nevertheless; ext4 does not (fallocate.h).
#include "workloads/breaker/fallocate.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add plain{{
    .name = "preallocate",
    .help = "fallocate(2) mode 0: allocates, takes nothing; XFS breaks the layout nevertheless",
    .takes = Takes::no,
    .ranged = true,
    .run = [](BreakTarget& target) { return fallocate_range(target, 0); },
    .recipe = {.call = "fallocate(fd, 0, offset, length)"},
}};

const BreakerRegistry::Add keep_size{{
    .name = "preallocate-keep-size",
    .help = "fallocate(2) FALLOC_FL_KEEP_SIZE: the same, the file's size stays",
    .takes = Takes::no,
    .ranged = true,
    .run = [](BreakTarget& target) { return fallocate_range(target, FALLOC_FL_KEEP_SIZE); },
    .recipe = {.includes = "#include <linux/falloc.h>\n",
               .call = "fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, length)"},
}};

}  // namespace
}  // namespace daxbreak
