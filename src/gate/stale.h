// SPDX-License-Identifier: GPL-2.0
/// Gates that a killed process left behind.
#pragma once

#include "base/result.h"

namespace daxbreak {

/// Opens and removes every gate device ("daxbreak-*", device-mapper and null_blk) whose process is
/// gone or dying; I/O held in it completes. Gates of live processes stay. Needs root. Goes on past
/// a device that cannot be removed and returns the first such Error. For `doctor --clean`.
Result<void> remove_stale_gates();

}  // namespace daxbreak
