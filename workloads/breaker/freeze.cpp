// SPDX-License-Identifier: GPL-2.0
// ioctl(2) FIFREEZE: takes no block and waits for writers and write faults under way, not for
// pinned pages. While it lasts nobody can write to the filesystem. Restoring thaws it.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "base/file.h"
#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

Result<void> thaw(const BreakTarget& target) {
  auto root = open_file(target.mount_point, O_RDONLY | O_DIRECTORY);
  if (!root) return root.error();
  // EINVAL: it is not frozen (fs/super.c, thaw_super_locked()).
  if (::ioctl(root->get(), FITHAW, 0) != 0 && errno != EINVAL)
    return errno_error("thaw " + target.mount_point);
  return ok();
}

const BreakerRegistry::Add registered{{
    .name = "freeze",
    .help = "ioctl(2) FIFREEZE of the filesystem: takes nothing",
    .takes = Takes::no,
    .may_be_refused = true,
    .own_filesystem = true,
    .run = [](BreakTarget& target) { return outcome(::ioctl(target.fd, FIFREEZE, 0)); },
    .restore = thaw,
    .recipe = {.includes = "#include <linux/fs.h>\n",
               .call = "ioctl(fd, FIFREEZE, 0)",
               .restore = "ioctl(open(dir, O_RDONLY), FITHAW, 0);\n"},
}};

}  // namespace
}  // namespace daxbreak
