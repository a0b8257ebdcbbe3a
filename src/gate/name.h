// SPDX-License-Identifier: GPL-2.0
/// Names of gate devices: "daxbreak-<pid>-<n>", so that what a killed process left can be told.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace daxbreak {

/// A name no other gate of this machine has.
[[nodiscard]] std::string new_gate_name();

/// The process that made a gate of this name; nothing if it is no gate's name.
[[nodiscard]] std::optional<pid_t> gate_creator(std::string_view name);

/// Whether a process will never use its devices again: it does not exist, is a zombie, or is bound
/// to die (SIGKILL pending, exiting). The latter matter: a process killed with I/O in a shut gate
/// sleeps uninterruptibly until somebody opens it.
[[nodiscard]] bool process_gone(pid_t process);

/// The judgement of process_gone() on the texts of /proc/PID/stat and /proc/PID/status.
[[nodiscard]] bool is_dying(std::string_view stat, std::string_view status);

}  // namespace daxbreak
