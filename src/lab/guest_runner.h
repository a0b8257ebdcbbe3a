// SPDX-License-Identifier: GPL-2.0
/// The child of the guest's PID 1 that provisions and runs plans.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "pmem/mount.h"
#include "pmem/namespaces.h"

namespace daxbreak {

/// Gives each filesystem that is asked for a namespace of its own, in the order of names, and
/// remembers them: a later plan of the same boot finds them mounted.
class Provisioner {
 public:
  /// Makes and mounts what is not there yet (/mnt/ext4, ...), all at once. One sentence per
  /// filesystem that could not be had; run_plan() skips its cells.
  [[nodiscard]] std::vector<std::string> provide(const std::vector<std::string>& filesystems);

  /// All mounted so far.
  [[nodiscard]] std::vector<DaxDirectory> directories() const;
  /// Seconds spent: "namespaces", "mkfs", "mount" (of the slowest filesystem).
  [[nodiscard]] const std::map<std::string, double>& phases() const { return phases_; }

 private:
  std::map<std::string, DaxDirectory> mounted_;
  std::map<std::string, double> phases_;
  std::vector<std::string> free_;  ///< namespaces nobody has
  bool listed_ = false;
};

/// Serves the host until it says stop or hangs up: reads plans from `port`, writes the lines of
/// their runs to `lines`. Returns the process's exit status.
int serve_plans(int port, int lines);

}  // namespace daxbreak
