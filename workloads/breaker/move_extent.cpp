// SPDX-License-Identifier: GPL-2.0
// EXT4_IOC_MOVE_EXT, what e4defrag uses: the range's blocks are swapped with another file's. ext4
// refuses it for DAX files with EOPNOTSUPP (fs/ext4/ioctl.c); a kernel that forgets to would show
// here.
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cstdint>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

/// The argument's layout: fs/ext4/ext4.h, struct move_extent. Positions count blocks.
struct MoveExtent {
  std::uint32_t zero;
  std::uint32_t donor_fd;
  std::uint64_t start;
  std::uint64_t donor_start;
  std::uint64_t blocks;
  std::uint64_t moved;
};
constexpr unsigned long move_extent = _IOWR('f', 15, MoveExtent);

int move(BreakTarget& target) {
  struct stat now {};
  if (::fstat(target.fd, &now) != 0) return errno;
  const auto block = static_cast<std::uint64_t>(now.st_blksize);
  MoveExtent request{.zero = 0,
                     .donor_fd = static_cast<std::uint32_t>(target.partner),
                     .start = target.offset / block,
                     .donor_start = target.offset / block,
                     .blocks = target.length / block,
                     .moved = 0};
  return outcome(::ioctl(target.fd, move_extent, &request));
}

const BreakerRegistry::Add registered{{
    .name = "move-extent",
    .help = "ioctl(2) EXT4_IOC_MOVE_EXT: swaps the range with another file's; refused for DAX",
    .ranged = true,
    .may_be_refused = true,
    .filesystems = {"ext4"},
    .partner = Partner::other,
    .run = move,
    .recipe = {.functions = "struct break_move { /* struct move_extent */\n"
                            "  uint32_t zero, donor_fd;\n"
                            "  uint64_t start, donor_start, blocks, moved;\n"
                            "};\n"
                            "static int break_move(void) {\n"
                            "  struct break_move move = {0, (uint32_t)partner_fd, offset / PAGE,\n"
                            "                            offset / PAGE, length / PAGE, 0};\n"
                            "  return ioctl(fd, _IOWR('f', 15, struct break_move), &move);\n"
                            "}\n",
               .call = "break_move()"},
}};

}  // namespace
}  // namespace daxbreak
