// SPDX-License-Identifier: GPL-2.0
/// Taking the driver from a device through sysfs, for several breakers.
#pragma once

#include <filesystem>

#include "workloads/breaker/breaker.h"

namespace daxbreak {

/// Opens the `unbind` of the driver that a device of sysfs has, for unbind_now(). 0, or errno.
int prepare_unbind(BreakTarget& target, const std::filesystem::path& device);

/// Writes the device's name there. 0, or errno.
int unbind_now(BreakTarget& target);

/// The device on the dax bus behind BreakTarget::device, a device-dax node; empty if it is none.
[[nodiscard]] std::filesystem::path on_dax_bus(const BreakTarget& target);

}  // namespace daxbreak
