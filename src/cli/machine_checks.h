// SPDX-License-Identifier: GPL-2.0
/// What this machine can do, one question at a time, for `doctor`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace daxbreak {

/// The answer to one question.
struct MachineCheck {
  std::string group;  ///< "lab", "host", "pmem"
  std::string what;   ///< "QEMU"
  bool good = false;
  std::string found;  ///< what was found, or what is missing
  std::string cure;   ///< what to do about it; "" if good or if there is no cure
};

/// What the lab needs: programs, kernels, memory. Boots nothing.
[[nodiscard]] std::vector<MachineCheck> check_lab(const std::filesystem::path& configs);

/// What trials on this machine need: root, a known scheme, the observer, the gates' drivers.
[[nodiscard]] std::vector<MachineCheck> check_host(const std::filesystem::path& configs);

/// What persistent memory there is: namespaces and DAX mounts.
[[nodiscard]] std::vector<MachineCheck> check_pmem();

}  // namespace daxbreak
