// SPDX-License-Identifier: GPL-2.0
// XFS_IOC_SWAPEXT, what xfs_fsr uses: this file and another of the same size swap all their blocks.
// It takes the invalidate locks and throws the pages away with truncate_pagecache_range(), but
// never breaks the layout (fs/xfs/xfs_bmap_util.c, xfs_swap_extents()).
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

/// The argument's layout: fs/xfs/libxfs/xfs_fs.h, struct xfs_swapext and in it struct xfs_bstat, of
/// which the kernel looks at two times only: they must be the file's still, or it says EBUSY.
struct Time {
  std::int64_t seconds;
  std::int32_t nanoseconds;
  std::int32_t hole;
};
struct SwapExtents {
  std::int64_t version;
  std::int64_t target_fd;
  std::int64_t other_fd;
  std::int64_t offset;
  std::int64_t length;
  std::array<std::byte, 16> unused;
  std::array<std::byte, 56> stat_before;
  Time modified;
  Time changed;
  std::array<std::byte, 48> stat_after;
};
static_assert(sizeof(SwapExtents) == 192);
constexpr unsigned long swap_extents = _IOWR('X', 109, SwapExtents);

int swap_all(BreakTarget& target) {
  struct stat now {};
  if (::fstat(target.fd, &now) != 0) return errno;
  SwapExtents request{};
  request.target_fd = target.fd;
  request.other_fd = target.partner;
  request.length = now.st_size;
  request.modified = {now.st_mtim.tv_sec, static_cast<std::int32_t>(now.st_mtim.tv_nsec), 0};
  request.changed = {now.st_ctim.tv_sec, static_cast<std::int32_t>(now.st_ctim.tv_nsec), 0};
  return outcome(::ioctl(target.fd, swap_extents, &request));
}

const BreakerRegistry::Add registered{{
    .name = "swapext",
    .help = "ioctl(2) XFS_IOC_SWAPEXT: swaps all blocks with another file's, as xfs_fsr does",
    .may_be_refused = true,
    .filesystems = {"xfs"},
    .partner = Partner::other,
    .run = swap_all,
    .recipe = {.functions =
                   "struct break_time { int64_t sec; int32_t nsec, hole; };\n"
                   "struct break_swap { /* struct xfs_swapext */\n"
                   "  int64_t version, target, other, offset, length;\n"
                   "  char unused[16], stat_before[56];\n"
                   "  struct break_time modified, changed;\n"
                   "  char stat_after[48];\n"
                   "};\n"
                   "static int break_swap(void) {\n"
                   "  struct stat now;\n"
                   "  if (fstat(fd, &now) != 0) return -1;\n"
                   "  struct break_swap swap = {.target = fd, .other = partner_fd,\n"
                   "      .length = now.st_size,\n"
                   "      .modified = {now.st_mtim.tv_sec, (int32_t)now.st_mtim.tv_nsec, 0},\n"
                   "      .changed = {now.st_ctim.tv_sec, (int32_t)now.st_ctim.tv_nsec, 0}};\n"
                   "  return ioctl(fd, _IOWR('X', 109, struct break_swap), &swap);\n"
                   "}\n",
               .call = "break_swap()"},
}};

}  // namespace
}  // namespace daxbreak
