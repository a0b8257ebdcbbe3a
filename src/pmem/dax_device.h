// SPDX-License-Identifier: GPL-2.0
/// A device-dax node and where it comes from. FileMapping::map_device() maps it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "kernel/page.h"

namespace daxbreak {

/// A character device of persistent memory.
struct DaxDevice {
  std::string node;             ///< "/dev/dax0.0"
  std::filesystem::path bus;    ///< its directory on the dax bus, resolved
  std::uint64_t size = 0;       ///< bytes
  std::uint64_t alignment = 0;  ///< bytes of its pages: no other size maps it
  PfnRange frames;              ///< its data
};

/// The device of a namespace in devdax mode, with sysfs read anew: its node gets another name
/// whenever the namespace is configured. Root, as the kernel shows addresses to nobody else.
[[nodiscard]] Result<DaxDevice> find_dax_device(const std::string& namespace_name);

/// The same, after the namespace was given this alignment if it had another. That destroys what is
/// on it.
[[nodiscard]] Result<DaxDevice> align_dax_device(const std::string& namespace_name,
                                                 std::uint64_t alignment);

}  // namespace daxbreak
