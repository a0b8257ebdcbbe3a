// SPDX-License-Identifier: GPL-2.0
// EXT4_IOC_SWAP_BOOT: all blocks of the file become those of the boot loader's inode, and the other
// way round. It throws the pages away with truncate_inode_pages(), which neither unmaps them nor
// waits for anybody (fs/ext4/ioctl.c, swap_inode_boot_loader()). There is one such inode in a
// filesystem and it keeps what it got: restoring swaps back.
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

constexpr unsigned long swap_boot = _IO('f', 17);

/// The boot inode of a fresh filesystem is empty, so a file that has been swapped is no longer of
/// the trial's size.
Result<void> swap_back(const BreakTarget& target) {
  struct stat now {};
  if (target.fd < 0) return ok();
  if (::fstat(target.fd, &now) != 0) return errno_error("stat the swapped file");
  if (static_cast<std::uint64_t>(now.st_size) == target.file_size) return ok();
  if (::ioctl(target.fd, swap_boot) != 0)
    return errno_error("swap the boot inode back (EXT4_IOC_SWAP_BOOT)");
  return ok();
}

const BreakerRegistry::Add registered{{
    .name = "swap-boot",
    .help = "ioctl(2) EXT4_IOC_SWAP_BOOT: the file's blocks become the boot inode's",
    .may_be_refused = true,
    .own_filesystem = true,
    .filesystems = {"ext4"},
    .run = [](BreakTarget& target) { return outcome(::ioctl(target.fd, swap_boot)); },
    .restore = swap_back,
    .recipe = {.call = "ioctl(fd, _IO('f', 17) /* EXT4_IOC_SWAP_BOOT; again swaps back */)",
               .restore = R"(struct stat now;
fd = open(path, O_RDWR);
if (fstat(fd, &now) == 0 && now.st_size != (off_t)file_size)
	check(ioctl(fd, _IO('f', 17)) == 0, "swap back");
)"},
}};

}  // namespace
}  // namespace daxbreak
