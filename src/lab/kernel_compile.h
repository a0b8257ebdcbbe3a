// SPDX-License-Identifier: GPL-2.0
/// From a tarball of kernel source to a bzImage.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// What one compilation is made of.
struct CompileOrder {
  std::filesystem::path tarball;               ///< removed once it is unpacked
  std::vector<std::filesystem::path> patches;  ///< -p1, in their order
  std::vector<std::filesystem::path> configs;  ///< fragments over tinyconfig
  std::filesystem::path tree;                  ///< where to work; made, and left for the caller
  std::filesystem::path place;                 ///< gets vmlinuz, config and System.map
  std::filesystem::path log;                   ///< gets all that the programs say
  unsigned expected_steps = 0;                 ///< of make, as the last time; 0: not known
  std::function<void(const std::string&)> say;
};

struct Compiled {
  std::string release;  ///< "6.1.192-daxbreak"
  unsigned steps = 0;   ///< what it came to
};

/// Does it. An Error is one sentence: the patch that does not apply and where, the options that
/// were dropped, the compiler's first error; the log has the rest.
[[nodiscard]] Result<Compiled> compile_kernel(const CompileOrder& order,
                                              const std::stop_token& stop);

/// What compilers call themselves: the first lines of what they say to --version.
[[nodiscard]] Result<std::string> compiler_version();

}  // namespace daxbreak
