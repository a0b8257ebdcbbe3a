// SPDX-License-Identifier: GPL-2.0
// mount(2) MS_REMOUNT | MS_RDONLY: takes no block and has no reason to wait. Refused with EBUSY
// while anybody has a file open for writing or mapped to be written (fs/super.c,
// sb_prepare_remount_readonly()), so it needs all that gone. Restoring makes the filesystem
// writable again.
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "workloads/breaker/filesystem_state.h"

namespace daxbreak {
namespace {

Result<void> remount_writable(const BreakTarget& target) {
  struct statvfs now {};
  if (::statvfs(target.mount_point.c_str(), &now) != 0)
    return errno_error("statvfs " + target.mount_point);
  if ((now.f_flag & ST_RDONLY) == 0) return ok();
  if (::mount(nullptr, target.mount_point.c_str(), nullptr, MS_REMOUNT, nullptr) != 0)
    return errno_error("make " + target.mount_point + " writable again");
  return ok();
}

const BreakerRegistry::Add registered{{
    .name = "remount-ro",
    .help = "mount(2) MS_REMOUNT | MS_RDONLY of the filesystem: takes nothing",
    .takes = Takes::no,
    .last_reference = true,
    .may_be_refused = true,
    .own_filesystem = true,
    .arm = give_up_files,
    .run =
        [](BreakTarget& target) {
          return outcome(::mount(nullptr, target.mount_point.c_str(), nullptr,
                                 MS_REMOUNT | MS_RDONLY, nullptr));
        },
    .restore = remount_writable,
    .recipe = {.includes = "#include <sys/mount.h>\n",
               .arm = "close(fd); /* nobody else may have a file open for writing there */\n",
               .call = "mount(NULL, dir, NULL, MS_REMOUNT | MS_RDONLY, NULL) "
                       "/* dir is the mount point */",
               .restore = "mount(NULL, dir, NULL, MS_REMOUNT, NULL);\n"},
}};

}  // namespace
}  // namespace daxbreak
