// SPDX-License-Identifier: GPL-2.0
/// Short work in a child of the trial's process, which inherits its mapping.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace daxbreak {

/// Forks, and waits until `work` has ended. Its result, 0 or errno, is the Error's number; a child
/// that a signal ended is an Error too. After `limit` the child is killed (ETIMEDOUT). The trial
/// has threads: `work` may only do what is async-signal-safe.
[[nodiscard]] Result<void> run_in_child(const std::string& doing, Nanos limit,
                                        const std::function<int()>& work);

}  // namespace daxbreak
