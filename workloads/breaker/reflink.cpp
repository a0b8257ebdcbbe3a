// SPDX-License-Identifier: GPL-2.0
// Blocks of a second file put in the place of the range's: FICLONERANGE, and FIDEDUPERANGE, which
// does so only if both have the same content. With DAX since 6.0; before, XFS answers EINVAL. Both
// break the layouts of both files (fs/xfs/xfs_inode.c, xfs_ilock2_io_mmap()).
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

int clone_over(BreakTarget& target) {
  file_clone_range range{.src_fd = target.partner,
                         .src_offset = target.offset,
                         .src_length = target.length,
                         .dest_offset = target.offset};
  return outcome(::ioctl(target.fd, FICLONERANGE, &range));
}

/// file_dedupe_range ends in a flexible array, which C++ does not have.
struct DedupeOne {
  __u64 src_offset;
  __u64 src_length;
  __u16 dest_count;
  __u16 reserved1;
  __u32 reserved2;
  file_dedupe_range_info destination;
};
static_assert(sizeof(DedupeOne) == sizeof(file_dedupe_range) + sizeof(file_dedupe_range_info));

/// The ioctl is on the file whose blocks stay; what became of each destination is in its own field:
/// a negative errno, or a FILE_DEDUPE_RANGE_ word.
int dedupe_with(BreakTarget& target) {
  DedupeOne request{.src_offset = target.offset,
                    .src_length = target.length,
                    .dest_count = 1,
                    .reserved1 = 0,
                    .reserved2 = 0,
                    .destination = {.dest_fd = target.fd,
                                    .dest_offset = target.offset,
                                    .bytes_deduped = 0,
                                    .status = 0,
                                    .reserved = 0}};
  if (::ioctl(target.partner, FIDEDUPERANGE, &request) != 0) return errno;
  const __s32 status = request.destination.status;
  if (status == FILE_DEDUPE_RANGE_DIFFERS) return EILSEQ;  // the partner is not what it should be
  return status < 0 ? -status : 0;
}

const BreakerRegistry::Add clone_kind{{
    .name = "reflink-over",
    .help = "ioctl(2) FICLONERANGE: another file's blocks take the place of the range's",
    .ranged = true,
    .may_be_refused = true,
    .filesystems = {"xfs"},
    .partner = Partner::other,
    .run = clone_over,
    .recipe = {.includes = "#include <linux/fs.h>\n",
               .functions = "static int break_clone(void) {\n"
                            "  struct file_clone_range range = {partner_fd, offset, length, "
                            "offset};\n"
                            "  return ioctl(fd, FICLONERANGE, &range);\n"
                            "}\n",
               .call = "break_clone()"},
}};

const BreakerRegistry::Add dedupe_kind{{
    .name = "dedupe",
    .help = "ioctl(2) FIDEDUPERANGE: another file's equal blocks take the place of the range's",
    .ranged = true,
    .may_be_refused = true,
    .filesystems = {"xfs"},
    .partner = Partner::same,
    .run = dedupe_with,
    .recipe = {.includes = "#include <linux/fs.h>\n",
               .functions =
                   "static int break_dedupe(void) {\n"
                   "  union {\n"
                   "    struct file_dedupe_range range;\n"
                   "    char room[sizeof(struct file_dedupe_range) +\n"
                   "              sizeof(struct file_dedupe_range_info)];\n"
                   "  } request = {.range = {.src_offset = offset, .src_length = length,\n"
                   "                         .dest_count = 1}};\n"
                   "  request.range.info[0].dest_fd = fd;\n"
                   "  request.range.info[0].dest_offset = offset;\n"
                   "  if (ioctl(partner_fd, FIDEDUPERANGE, &request) != 0) return -1;\n"
                   "  if (request.range.info[0].status == 0) return 0;\n"
                   "  errno = request.range.info[0].status < 0 ? -request.range.info[0].status\n"
                   "                                           : EILSEQ; /* contents differ */\n"
                   "  return -1;\n"
                   "}\n",
               .call = "break_dedupe()"},
}};

}  // namespace
}  // namespace daxbreak
