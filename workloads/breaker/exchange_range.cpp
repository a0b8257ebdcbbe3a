// SPDX-License-Identifier: GPL-2.0
// XFS_IOC_EXCHANGE_RANGE, since 6.10: this file and another swap the range's blocks. Breaks the
// layouts of both (fs/xfs/xfs_exchrange.c, xfs_exchrange_contents(): xfs_ilock2_io_mmap()). Needs a
// filesystem made with `mkfs.xfs -i exchange=1`, or the answer is EOPNOTSUPP.
#include <sys/ioctl.h>

#include <cstdint>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

/// The argument's layout: fs/xfs/libxfs/xfs_fs.h, struct xfs_exchange_range.
struct ExchangeRange {
  std::int32_t other_fd;
  std::uint32_t zero;
  std::uint64_t other_offset;
  std::uint64_t offset;
  std::uint64_t length;
  std::uint64_t flags;
};
constexpr unsigned long exchange_range = _IOW('X', 129, ExchangeRange);

int exchange(BreakTarget& target) {
  ExchangeRange range{.other_fd = target.partner,
                      .zero = 0,
                      .other_offset = target.offset,
                      .offset = target.offset,
                      .length = target.length,
                      .flags = 0};
  return outcome(::ioctl(target.fd, exchange_range, &range));
}

const BreakerRegistry::Add registered{{
    .name = "exchange-range",
    .help = "ioctl(2) XFS_IOC_EXCHANGE_RANGE (6.10 and later): swaps the range with another file's",
    .ranged = true,
    .may_be_refused = true,
    .filesystems = {"xfs"},
    .partner = Partner::other,
    .run = exchange,
    .recipe = {.functions = "struct break_exchange { /* struct xfs_exchange_range */\n"
                            "  int32_t file1_fd; uint32_t pad;\n"
                            "  uint64_t file1_offset, file2_offset, length, flags;\n"
                            "};\n"
                            "static int break_exchange(void) {\n"
                            "  struct break_exchange range = {partner_fd, 0, offset, offset, "
                            "length, 0};\n"
                            "  return ioctl(fd, _IOW('X', 129, struct break_exchange), &range);\n"
                            "}\n",
               .call = "break_exchange()"},
}};

}  // namespace
}  // namespace daxbreak
