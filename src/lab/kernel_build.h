// SPDX-License-Identifier: GPL-2.0
/// Kernels that the lab compiles itself, of a Debian source package, patches and a configuration.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lab/cache.h"
#include "lab/kernel_catalogue.h"
#include "lab/kernel_image.h"

namespace daxbreak {

/// The entry's kernel, built unless the cache has it; see supply_kernel(). Kept of a build are
/// vmlinuz, config and System.map. Builds take turns, also with those of other runs: each uses all
/// processors. What the compiler said of a failed one stays in the cache's folder logs.
[[nodiscard]] Result<KernelImage> build_kernel(const KernelSource& source, const Cache& cache,
                                               const TellStage& tell, const std::stop_token& stop);

/// The folder of the cache for what is built of this entry, whatever the version of its source:
/// named by the content of patches and fragments and by the compiler. An Error names the file that
/// cannot be read, or the compiler.
[[nodiscard]] Result<std::string> built_place(const KernelSource& source);

/// What a built kernel depends on besides the source: texts of files, the compiler's own words.
struct BuildRecipe {
  std::string source;  ///< suite and package
  std::vector<std::string> patches;
  std::vector<std::string> configs;
  std::string compiler;

  /// 16 hexadecimal digits that differ where anything of it does. Pure.
  [[nodiscard]] std::string fingerprint() const;
};

/// Programs that building needs and that are not here. "flex", "pahole".
[[nodiscard]] std::vector<std::string> missing_build_programs();

/// The lines of the fragments, "CONFIG_X=y" and "# CONFIG_X is not set", that the finished
/// configuration does not meet; of two for one option the later counts. Pure.
[[nodiscard]] std::vector<std::string> dropped_options(std::string_view fragments,
                                                       std::string_view config);

/// What patch(1) could not place: "hunk 2 of mm/gup.c", or "" if its output names none. Pure.
[[nodiscard]] std::string first_rejection(std::string_view patch_output);

/// The line of make's output that says what went wrong first, or "". Pure.
[[nodiscard]] std::string first_build_error(std::string_view log);

/// Steps of the build that the log tells of: "  CC      mm/gup.o". Pure.
[[nodiscard]] unsigned count_steps(std::string_view log);

}  // namespace daxbreak
