// SPDX-License-Identifier: GPL-2.0
/// A directory on a DAX filesystem: made and mounted, or found.
#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "kernel/page.h"

namespace daxbreak {

/// A place for trial files, with the proof that it is DAX.
struct DaxDirectory {
  std::filesystem::path path;  ///< the directory trial files go to, or the device-dax node
  std::string filesystem;      ///< "ext4", "xfs"; "devdax" where there is none
  std::string device;          ///< "/dev/pmem0"; the namespace of a device-dax node
  PfnRange frames;             ///< the namespace's data area; block device offset 0 is frames.first
  std::string missing = {};    ///< not empty: why this kernel has none; `path` is empty then
};

/// Whether files of a new filesystem can share blocks. Only XFS can, and before 6.0 the kernel does
/// not mount such an XFS with DAX ("DAX and reflink cannot be used together!", fs/xfs/xfs_super.c);
/// later it does, but for partitions. Nothing but mounting tells.
enum class Reflink { off, on };

/// Makes a filesystem on a block device: "ext4" (4 KiB blocks) or "xfs", both aligned so that 2 MiB
/// extents can be had. Destroys what is on it. Runs mkfs.ext4 or mkfs.xfs from PATH; nothing is
/// left for the kernel to initialise later.
Result<void> make_filesystem(const std::string& device, const std::string& filesystem,
                             Reflink reflink = Reflink::off);

/// Mounts with dax=always (plain "dax" where the kernel knows only that) and proves it; unmounts
/// again if it cannot be proved. `where` must exist. Needs root.
[[nodiscard]] Result<DaxDirectory> mount_dax(const std::string& device,
                                             const std::string& filesystem,
                                             const std::filesystem::path& where);

/// Unmounts, waiting at most `limit`; a busy or hanging umount is an Error. EBUSY is tried again
/// until then: the last close of a file may still be on its way (task work, io_uring's exit). Works
/// in a child process, so that a umount in uninterruptible sleep hangs the child and not the caller
/// (it then stays behind, as nothing can end it).
Result<void> unmount(const std::filesystem::path& where, Nanos limit = std::chrono::seconds(10));

/// Proof that new files in `directory` are DAX: statx says STATX_ATTR_DAX of an unnamed probe file,
/// and a MAP_SYNC mapping of it succeeds. Leaves nothing behind. Error.number is ENOTSUP where the
/// directory is sound but not DAX.
[[nodiscard]] Result<void> prove_dax(const std::filesystem::path& directory);

/// Proof that files in `directory` can share blocks: one unnamed file is made a clone of another
/// (FICLONE). Leaves nothing behind.
[[nodiscard]] Result<void> prove_reflink(const std::filesystem::path& directory);

/// What an existing directory is: an Error, in one sentence with the cure, unless files created in
/// it are DAX (statx STATX_ATTR_DAX on a probe file, and a MAP_SYNC mapping of it succeeds).
[[nodiscard]] Result<DaxDirectory> find_dax_directory(const std::filesystem::path& path);

}  // namespace daxbreak
