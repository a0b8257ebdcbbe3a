// SPDX-License-Identifier: GPL-2.0
/// Operations that must break the layout. One file per breaker; each registers itself.
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "base/result.h"
#include "pmem/device_memory.h"
#include "workloads/recipe.h"

namespace daxbreak {

/// What a breaker acts on. Sizes in bytes. Descriptors belong to the trial, or are the breaker's
/// own copies of them once it runs in its process.
struct BreakTarget {
  int fd = -1;  ///< the file, open for writing
  std::uint64_t file_size = 0;
  std::uint64_t offset = 0;  ///< of the range that is broken
  std::uint64_t length = 0;
  int directory = -1;        ///< the folder both files are in
  std::string name;          ///< the file's name in it; "" if it has none (TmpFile)
  int partner = -1;          ///< a second file, if the kind asks for one; open for writing
  std::string partner_name;  ///< its name
  int other_owner = -1;      ///< a file that shares the broken one's blocks, if there is one
  std::string mount_point;   ///< of the filesystem
  std::string device;        ///< the block device under it, or the device-dax node
  std::any state;            ///< what arm() leaves for run()
};

/// What becomes of the block under the pinned page, if the broken range holds that page.
enum class Takes {
  yes,    ///< the file loses it: it is free, or another file's
  no,     ///< the file keeps it
  maybe,  ///< depends on filesystem and kernel: the trial looks, with FIEMAP
};

/// The second file a breaker needs.
enum class Partner {
  none,
  other,  ///< same size, other content
  same,   ///< same size and content, blocks of its own (dedupe)
};

/// One kind of breaker. `run` makes one system call that matters, in a process of its own.
struct BreakerKind {
  std::string_view name;     ///< as in a job file: "truncate"
  std::string_view help;     ///< one line for `list breakers`
  Takes takes = Takes::yes;  ///< if the broken range holds the pinned page
  bool ranged = false;       ///< acts on [offset, offset + length): any range relation makes sense.
                             ///< Otherwise it concerns the whole file, and only same-page does
  bool ends_file = false;    ///< afterwards the pinned page lies behind the file's end
  bool needs_tail = false;   ///< the range must not reach the end of the file (collapse)
  bool last_reference = false;  ///< means the file's last reference: the trial gives up its own
                                ///< descriptor before, and only a disturber that unmaps fits
  bool unnamed = false;         ///< the file is unlinked before the breaker starts
  bool ends_process = false;    ///< run() never returns: its end is the process's
  bool may_be_refused = false;  ///< some kernels or filesystems do not know it: a refusal by
                                ///< EOPNOTSUPP, ENOTTY, ENOSYS, EINVAL or EBUSY is a skip
  bool own_filesystem = false;  ///< concerns the whole filesystem: only where that is ours alone
  bool can_wedge = false;       ///< may leave the kernel unusable: a machine of its own
  bool device_dax = false;      ///< for device-dax alone; all others are for files alone
  DeviceMemory device_memory = DeviceMemory::none;  ///< if any, for that kind of memory alone
  std::vector<std::string_view> filesystems;        ///< the ones it exists on; empty: all
  Partner partner = Partner::none;
  /// In the breaker's process, before the trial maps anything. 0, or errno: ENOSYS, EOPNOTSUPP if
  /// the kernel has no such thing, which is a skip. May allocate, map, open.
  std::function<int(BreakTarget&)> arm;
  /// The call. 0, or errno. Interrupted by a signal without SA_RESTART it returns EINTR.
  std::function<int(BreakTarget&)> run;
  /// In the trial's process once the breaker has ended, whatever way: puts right what it changed
  /// (thaws, mounts again). Must do no harm if there is nothing to put right.
  std::function<Result<void>(const BreakTarget&)> restore;
  BreakerRecipe recipe;
};

using BreakerRegistry = Registry<BreakerKind>;

}  // namespace daxbreak
