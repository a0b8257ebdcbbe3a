// SPDX-License-Identifier: GPL-2.0
/// Operations that must break the layout. One file per breaker; each registers itself.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/registry.h"
#include "base/result.h"

namespace daxbreak {

/// What a breaker acts on. All in bytes.
struct BreakTarget {
  int fd = -1;  ///< the file, open for writing
  std::uint64_t file_size = 0;
  std::uint64_t offset = 0;  ///< of the mapped page (4 KiB or 2 MiB) that holds the pinned bytes
  std::uint64_t length = 0;  ///< of that page
};

/// One kind of breaker. `run` makes exactly one system call, in a process of its own.
struct BreakerKind {
  std::string_view name;   ///< as in a job file: "truncate"
  std::string_view help;   ///< one line for `list breakers`
  bool frees_page = true;  ///< its range holds the pinned page, whose blocks it gives away
  std::function<int(const BreakTarget&)> run;  ///< 0, or errno; async-signal-safe
};

using BreakerRegistry = Registry<BreakerKind>;

}  // namespace daxbreak
