// SPDX-License-Identifier: GPL-2.0
/// What /proc says of a process or a thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace daxbreak {

/// Fields of /proc/PID/stat (Documentation/filesystems/proc.rst, table 1-4).
struct ProcessStat {
  char state = 0;  ///< 'R', 'S' (interruptible sleep), 'D' (uninterruptible), 'Z' (zombie), 'X'
  pid_t parent = 0;
  pid_t group = 0;          ///< process group
  std::uint64_t flags = 0;  ///< PF_* of include/linux/sched.h
  std::uint64_t start = 0;  ///< clock ticks since boot; with the id it names a process for good

  /// A zombie, or on its way to vanish. Of a process this speaks of its first thread only: another
  /// may still run.
  [[nodiscard]] bool ended() const { return state == 'Z' || state == 'X'; }
};

/// Reads the text of a stat file; whatever the command's name holds, parentheses included. Pure.
[[nodiscard]] Result<ProcessStat> parse_process_stat(std::string_view text);

/// The stat of a process; an Error if it is gone.
[[nodiscard]] Result<ProcessStat> process_stat(pid_t process);

/// The same of a folder of /proc: "/proc/self/task/17".
[[nodiscard]] Result<ProcessStat> process_stat(const std::filesystem::path& folder);

}  // namespace daxbreak
