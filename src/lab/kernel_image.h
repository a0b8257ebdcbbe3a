// SPDX-License-Identifier: GPL-2.0
/// A kernel that can be booted, wherever it came from.
#pragma once

#include <filesystem>
#include <string>

namespace daxbreak {

/// A kernel that is on this machine and can be booted.
struct KernelImage {
  std::string name;               ///< as the catalogue calls it, or the file's name
  std::string release;            ///< what uname -r will say: "6.1.0-56-amd64"
  std::string version;            ///< package version, or a given kernel's own version line
  std::string origin;             ///< "Debian bookworm-security, linux-image-...", or the path
  std::string note;               ///< not empty: why this may not be the newest; for the report
  std::filesystem::path vmlinuz;  ///< a bzImage
  /// Holds modules.dep and kernel/; empty where all drivers are built in.
  std::filesystem::path modules;
};

}  // namespace daxbreak
