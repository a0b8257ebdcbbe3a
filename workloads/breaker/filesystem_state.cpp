// SPDX-License-Identifier: GPL-2.0
#include "workloads/breaker/filesystem_state.h"

#include <sys/stat.h>

namespace daxbreak {

Result<bool> is_mounted(const BreakTarget& target) {
  struct stat here {};
  struct stat above {};
  const std::string parent = target.mount_point + "/..";
  if (::stat(target.mount_point.c_str(), &here) != 0)
    return errno_error("stat " + target.mount_point);
  if (::stat(parent.c_str(), &above) != 0) return errno_error("stat " + parent);
  return here.st_dev != above.st_dev;
}

}  // namespace daxbreak
