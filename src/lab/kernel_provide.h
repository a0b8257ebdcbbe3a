// SPDX-License-Identifier: GPL-2.0
/// A catalogue's kernel, whichever way it comes to be on this machine.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "lab/cache.h"
#include "lab/kernel_catalogue.h"
#include "lab/kernel_image.h"

namespace daxbreak {

/// Fetches or builds it unless the cache has it: fetch_kernel(), build_kernel().
[[nodiscard]] Result<KernelImage> provide_kernel(const KernelSource& source, const Cache& cache,
                                                 const TellStage& tell,
                                                 const std::stop_token& stop = {});

/// How things stand with it, for people: "fetched 6.1.192-2", "not built". Asks no archive. An
/// Error says why there is no telling: a patch cannot be read, there is no compiler.
[[nodiscard]] Result<std::string> kernel_state(const KernelSource& source, const Cache& cache);

}  // namespace daxbreak
