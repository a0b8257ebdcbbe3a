// SPDX-License-Identifier: GPL-2.0
/// The kernel's log between two moments, and what in it counts as a complaint.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// True for the lines that mean the kernel is not well: WARNING:, BUG:, Oops, general protection,
/// soft lockup, hung task ("blocked for more than"), RCU stall, "Kernel panic", KASAN, lockdep.
[[nodiscard]] bool is_complaint(std::string_view line);

/// True for complaints that mean the machine cannot be trusted any longer (BUG, oops, panic,
/// lockup), where a WARNING is not one.
[[nodiscard]] bool is_fatal(std::string_view line);

/// Reads /dev/kmsg from the moment it was opened. Root, or dmesg_restrict=0.
class KernelLog {
 public:
  [[nodiscard]] static Result<KernelLog> open();

  /// Forgets what was logged so far and lets WARN_ON_ONCE fire again
  /// (/sys/kernel/debug/clear_warn_once; without debugfs only the first one is seen).
  Result<void> mark();

  /// Lines logged since mark() or the last call, without their prefix.
  [[nodiscard]] Result<std::vector<std::string>> lines();

  /// Writes a marker line to the kernel log, so that the console tells which trial ran.
  static void note(std::string_view text);

 private:
  explicit KernelLog(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace daxbreak
