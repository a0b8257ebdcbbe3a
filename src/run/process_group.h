// SPDX-License-Identifier: GPL-2.0
/// The processes of a group: who is left, where they wait, and their end.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "gate/gate.h"

namespace daxbreak {

/// The processes of a process group that still exist and are not zombies.
[[nodiscard]] std::vector<pid_t> members(pid_t group);

/// Where all threads of these processes wait in the kernel, with their stacks, one line each.
[[nodiscard]] std::vector<std::string> stacks_of(const std::vector<pid_t>& pids);

/// Kills the group and waits for it to vanish; false if a member cannot be killed. I/O that a
/// killed trial left in a shut gate is of our own making: it is let go first.
bool end_group(pid_t group, Gate* shut, Nanos limit = std::chrono::seconds(3));

}  // namespace daxbreak
