// SPDX-License-Identifier: GPL-2.0
/// Signals for the sleeping breaker.
#pragma once

#include <sys/types.h>

#include "base/clock.h"
#include "base/result.h"

namespace daxbreak {

/// kill(2), with an error that says which signal.
[[nodiscard]] Result<void> signal_breaker(pid_t breaker, int signal);

/// Waits until the process sleeps in the kernel again ('S' or 'D'); after `limit`, or if it has
/// ended, it just returns: whether that is right the trial judges.
void await_sleep(pid_t breaker, Nanos limit);

}  // namespace daxbreak
