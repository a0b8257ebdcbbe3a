// SPDX-License-Identifier: GPL-2.0
/// /proc/self/mountinfo (Documentation/filesystems/proc.rst, 3.5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// One mount. Paths are unescaped ("\040" is a space).
struct Mount {
  std::uint64_t id = 0;  ///< statx's stx_mnt_id
  unsigned major = 0;    ///< device files on it report
  unsigned minor = 0;
  std::string root;        ///< the part of the filesystem that is mounted
  std::string where;       ///< the mount point
  std::string options;     ///< of this mount ("rw,relatime")
  std::string filesystem;  ///< "ext4"
  std::string source;      ///< "/dev/pmem0"; not always a path that exists
  std::string super;       ///< options of the filesystem ("rw,dax=always")
};

/// The mounts of a mountinfo text; lines that are not whole are left out.
[[nodiscard]] std::vector<Mount> parse_mountinfo(std::string_view text);

/// The mounts this process sees.
[[nodiscard]] Result<std::vector<Mount>> list_mounts();

/// Whether files on this mount may be DAX: a filesystem that knows DAX on a pmem device. Pure;
/// prove_dax() tells whether they are.
[[nodiscard]] bool may_be_dax(const Mount& mount);

/// Whether a comma separated option list has this option, whole ("dax" is not in "dax=never").
[[nodiscard]] bool has_option(std::string_view options, std::string_view option);

}  // namespace daxbreak
