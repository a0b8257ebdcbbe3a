// SPDX-License-Identifier: GPL-2.0
/// What fetched and built kernels have in common: packages of a suite become a folder of the cache,
/// which is kept until the suite has a newer version and serves while the archive is out of reach.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "lab/archive.h"
#include "lab/cache.h"
#include "lab/kernel_catalogue.h"
#include "lab/kernel_image.h"

namespace daxbreak {

/// One way to make a kernel of packages.
struct KernelOrder {
  KernelSource source;
  std::string doing = "fetch";   ///< for sentences
  std::string apt;               ///< folder of the cache for apt's lists
  std::string place;             ///< folder of the cache; each version has one inside
  Nanos patience{};              ///< how long another run may be at it
  std::uint64_t work_bytes = 0;  ///< what make() needs besides the packages, packed and unpacked

  /// The packages it is made of; the version of the first one is the kernel's.
  std::function<Result<std::vector<Package>>(const Archive&)> choose;

  /// From the unpacked packages to `place`/vmlinuz and what else is to be kept there. Fills in
  /// release, origin and, if there are any, modules. `suite` is where the first package was found.
  std::function<Result<KernelImage>(const Package& first, const std::string& suite,
                                    const std::filesystem::path& unpacked,
                                    const std::filesystem::path& place)>
      make;
};

/// The newest kernel, made unless the cache has it.
///
/// The archive is asked at most once a day. If it cannot be reached, or the suite has gone, a
/// cached kernel serves and `note` says so; without one that is the Error, and other kernels are
/// not concerned. Older versions nobody used for a day are removed. Needs no privileges; safe to
/// call for several kernels at once, from threads or from several runs. When `stop` asks for the
/// end, whatever runs is killed and nothing half done stays: ECANCELED.
[[nodiscard]] Result<KernelImage> supply_kernel(const KernelOrder& order, const Cache& cache,
                                                const TellStage& tell, const std::stop_token& stop);

/// The complete kernel in that folder of the cache that was used last. Asks nobody.
[[nodiscard]] std::optional<KernelImage> cached_kernel(const std::string& name,
                                                       const std::filesystem::path& place);

}  // namespace daxbreak
