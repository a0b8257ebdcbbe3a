// SPDX-License-Identifier: GPL-2.0
// ftruncate(2) that takes no block: to the size the file has, and to a larger one. Both filesystems
// break the layout of the whole file for any change of size, before they look which way it goes
// (fs/ext4/inode.c, ext4_setattr(); fs/xfs/xfs_iops.c, xfs_vn_setattr()).
#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t growth = 1U << 20;

const BreakerRegistry::Add equal{{
    .name = "truncate-equal",
    .help = "ftruncate(2) to the size the file has: takes nothing, breaks the layout nevertheless",
    .takes = Takes::no,
    .run =
        [](BreakTarget& target) {
          return outcome(::ftruncate(target.fd, static_cast<off_t>(target.file_size)));
        },
    .recipe = {.call = "ftruncate(fd, file_size)"},
}};

const BreakerRegistry::Add grow{{
    .name = "truncate-grow",
    .help = "ftruncate(2) to a larger size: takes nothing, breaks the layout nevertheless",
    .takes = Takes::no,
    .run =
        [](BreakTarget& target) {
          return outcome(::ftruncate(target.fd, static_cast<off_t>(target.file_size + growth)));
        },
    .recipe = {.call = "ftruncate(fd, file_size + (1 << 20))"},
}};

}  // namespace
}  // namespace daxbreak
