// SPDX-License-Identifier: GPL-2.0
/// Kernels to boot: fetched from Debian into the cache, or given by the user.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "lab/cache.h"
#include "lab/kernel_catalogue.h"

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

/// The newest kernel of the suite, fetched unless the cache has it.
///
/// The archive is asked at most once a day. If it cannot be reached, or the suite has gone, a
/// cached kernel serves and `note` says so; without one that is the Error, and other kernels are
/// not concerned. Older versions nobody used for a day are removed. Needs no privileges; safe to
/// call for several kernels at once, from threads or from several runs. When `stop` asks for the
/// end, whatever runs is killed and nothing half done stays: ECANCELED.
[[nodiscard]] Result<KernelImage> fetch_kernel(const KernelSource& source, const Cache& cache,
                                               const Progress& progress,
                                               const std::stop_token& stop = {});

/// A kernel of the user's own. `modules` is the folder with modules.dep, or one that has it under
/// lib/modules/RELEASE (what `make modules_install INSTALL_MOD_PATH=` fills).
[[nodiscard]] Result<KernelImage> custom_kernel(
    const std::filesystem::path& bzimage, const std::optional<std::filesystem::path>& modules);

/// What a bzImage says of itself: "6.1.0-56-amd64 (builder@host) #1 SMP ...". The Error tells what
/// is wrong with a file that is none, or of which a part is missing.
/// Source: Documentation/arch/x86/boot.rst.
[[nodiscard]] Result<std::string> kernel_version_line(const std::filesystem::path& bzimage);

}  // namespace daxbreak
