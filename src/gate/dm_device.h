// SPDX-License-Identifier: GPL-2.0
/// Device-mapper devices of gates, through libdevmapper. The library keeps global state: one thread
/// at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// Makes a linear device over the whole of `disk`; returns its node, "/dev/dm-N". Does not wait for
/// udev, and asks it to leave the device alone. Needs root and the module dm_mod.
[[nodiscard]] Result<std::string> create_linear(const std::string& name, const std::string& disk,
                                                std::uint64_t sectors);

/// New I/O is queued in the kernel, with its pages held. Neither flushes nor freezes.
Result<void> suspend_dm(const std::string& name);

/// Queued I/O goes on to the disk, and new I/O with it.
Result<void> resume_dm(const std::string& name);

/// What the device is to be from its next resume on: linear over `disk`, or, with an empty `disk`,
/// one that answers everything with EIO.
Result<void> reload_dm(const std::string& name, const std::string& disk, std::uint64_t sectors);

/// Removes the device; one that is still open after a moment goes when it is closed.
Result<void> remove_dm(const std::string& name);

/// Names of all device-mapper devices that gates made; empty without device-mapper.
[[nodiscard]] std::vector<std::string> list_dm_gates();

}  // namespace daxbreak
