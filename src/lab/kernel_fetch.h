// SPDX-License-Identifier: GPL-2.0
/// Kernels that somebody else compiled: fetched from Debian into the cache, or given by the user.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "lab/cache.h"
#include "lab/kernel_catalogue.h"
#include "lab/kernel_image.h"

namespace daxbreak {

/// The newest kernel of the suite as Debian compiled it; see supply_kernel().
[[nodiscard]] Result<KernelImage> fetch_kernel(const KernelSource& source, const Cache& cache,
                                               const TellStage& tell,
                                               const std::stop_token& stop = {});

/// The folder of the cache for the entry's kernel.
[[nodiscard]] std::string fetched_place(const KernelSource& source);

/// A kernel of the user's own. `modules` is the folder with modules.dep, or one that has it under
/// lib/modules/RELEASE (what `make modules_install INSTALL_MOD_PATH=` fills).
[[nodiscard]] Result<KernelImage> custom_kernel(
    const std::filesystem::path& bzimage, const std::optional<std::filesystem::path>& modules);

/// What a bzImage says of itself: "6.1.0-56-amd64 (builder@host) #1 SMP ...". The Error tells what
/// is wrong with a file that is none, or of which a part is missing.
/// Source: Documentation/arch/x86/boot.rst.
[[nodiscard]] Result<std::string> kernel_version_line(const std::filesystem::path& bzimage);

}  // namespace daxbreak
