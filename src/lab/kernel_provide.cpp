// SPDX-License-Identifier: GPL-2.0
#include "lab/kernel_provide.h"

#include <fmt/format.h>

#include "lab/kernel_build.h"
#include "lab/kernel_fetch.h"
#include "lab/kernel_supply.h"

namespace daxbreak {

Result<KernelImage> provide_kernel(const KernelSource& source, const Cache& cache,
                                   const TellStage& tell, const std::stop_token& stop) {
  return source.built() ? build_kernel(source, cache, tell, stop)
                        : fetch_kernel(source, cache, tell, stop);
}

Result<std::string> kernel_state(const KernelSource& source, const Cache& cache) {
  const char* const done = source.built() ? "built" : "fetched";
  auto place = source.built() ? built_place(source) : fetched_place(source);
  if (!place) return place.error();
  const auto image = cached_kernel(source.name, cache.root() / *place);
  return image ? fmt::format("{} {}", done, image->version) : fmt::format("not {}", done);
}

}  // namespace daxbreak
