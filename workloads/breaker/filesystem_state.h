// SPDX-License-Identifier: GPL-2.0
/// Helpers of the breakers that act on a whole filesystem.
#pragma once

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {

/// Gives up all the breaker's own descriptors, each of which makes umount(2) fail with EBUSY.
inline int give_up_files(BreakTarget& target) {
  give_up(target.fd);
  give_up(target.partner);
  give_up(target.directory);
  return 0;
}

/// Whether something is mounted at the mount point: it is another device than the folder it is in.
[[nodiscard]] Result<bool> is_mounted(const BreakTarget& target);

}  // namespace daxbreak
