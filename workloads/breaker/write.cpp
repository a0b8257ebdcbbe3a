// SPDX-License-Identifier: GPL-2.0
// pwrite(2) over the range, with the bytes that are there. A DAX write stores into the blocks that
// the file has and breaks no layout (XFS: leases only, fs/xfs/xfs_file.c,
// xfs_file_write_checks()). Where the blocks are shared by reflink it is a copy on write: the file
// gets others, and the pages of the old ones are dropped from the mapping by
// invalidate_inode_pages2_range() (fs/dax.c, dax_iomap_iter()), which waits for nobody.
#include <unistd.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

using Content = std::shared_ptr<std::vector<std::byte>>;

/// What is in the range now, so that the write changes no byte of the file.
int read_content(BreakTarget& target) {
  auto content = std::make_shared<std::vector<std::byte>>(target.length);
  const ssize_t got =
      ::pread(target.fd, content->data(), content->size(), static_cast<off_t>(target.offset));
  target.state = content;
  return outcome(got);
}

int write_content(BreakTarget& target) {
  const Content& content = *std::any_cast<Content>(&target.state);
  const ssize_t put =
      ::pwrite(target.fd, content->data(), content->size(), static_cast<off_t>(target.offset));
  if (put < 0) return errno;
  return static_cast<std::size_t>(put) == content->size() ? 0 : EINTR;  // cut short by a signal
}

const BreakerRegistry::Add registered{{
    .name = "write",
    .help = "pwrite(2) over the range: in place, or a copy on write if its blocks are shared",
    .takes = Takes::maybe,
    .ranged = true,
    .arm = read_content,
    .run = write_content,
    .recipe = {.functions = "static char *break_content;\n",
               .arm = "break_content = malloc(length);\n"
                      "check(break_content && pread(fd, break_content, length, offset) == length,\n"
                      "      \"read the range\");\n",
               .call = "pwrite(fd, break_content, length, offset)"},
}};

}  // namespace
}  // namespace daxbreak
