// SPDX-License-Identifier: GPL-2.0
// umount(2) of the filesystem, while a page of a file that nobody has open or mapped is pinned. The
// file keeps its block, but its inode is evicted and the page with it: kernels before 6.15 do that
// without a look (and warn: fs/dax.c, dax_disassociate_entry()), later ones wait in the evict
// (xfs_fs_evict_inode(), ext4_evict_inode()). Restoring mounts it again.
#include <sys/mount.h>

#include "pmem/holder.h"
#include "pmem/mount.h"
#include "workloads/breaker/filesystem_state.h"

namespace daxbreak {
namespace {

Result<void> mount_again(const BreakTarget& target) {
  auto mounted = is_mounted(target);
  if (!mounted) return mounted.error();
  if (*mounted) return ok();
  auto filesystem = block_content(target.device);
  if (!filesystem) return filesystem.error();
  auto done = mount_dax(target.device, *filesystem, target.mount_point);
  if (!done) return done.error();
  return ok();
}

const BreakerRegistry::Add registered{{
    .name = "umount",
    .help = "umount(2) of the filesystem, the file having a name but neither user nor mapping",
    .last_reference = true,
    .may_be_refused = true,
    .own_filesystem = true,
    .arm = give_up_files,
    .run = [](BreakTarget& target) { return outcome(::umount2(target.mount_point.c_str(), 0)); },
    .restore = mount_again,
    .recipe = {.includes = "#include <sys/mount.h>\n",
               .functions = R"(static char break_device[256], break_type[32];
static void break_find(void)
{
	char line[4096], where[2048];
	FILE *mounts = fopen("/proc/self/mounts", "r");

	while (mounts && fgets(line, sizeof(line), mounts))
		if (sscanf(line, "%255s %2047s %31s", break_device, where, break_type) == 3 &&
		    strcmp(where, dir) == 0)
			return;
	errno = EINVAL;
	check(0, "find a filesystem that is mounted just there");
}
)",
               .arm = "close(fd); /* nobody else may have a file open there */\n",
               .call = "umount2(dir, 0)",
               .prepare = "break_find();\n",
               .restore = "mount(break_device, dir, break_type, 0, \"dax=always\");\n"},
}};

}  // namespace
}  // namespace daxbreak
