// SPDX-License-Identifier: GPL-2.0
/// The guest's exec mode: one command, in a DAX filesystem.
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// Where the host puts the command, its words each ended by a NUL; and the files it brings.
inline constexpr const char* guest_command_file = "/etc/daxbreak-command";
inline constexpr const char* guest_put_folder = "/put";

/// Makes and mounts the DAX filesystem, runs the command in its mount point (DAXBREAK_MOUNT says
/// which that is) with the put folder first on PATH, and tells the host in frames what it writes
/// and how it ends. Returns after the host has hung up, or a moment later.
Result<void> exec_mode(Fd port, const std::string& filesystem);

}  // namespace daxbreak
