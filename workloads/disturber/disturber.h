// SPDX-License-Identifier: GPL-2.0
/// What else happens around a layout break. One file per disturber; each registers itself.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "base/registry.h"
#include "base/result.h"
#include "pmem/mapping.h"

namespace daxbreak {

/// What a disturber may touch.
struct Scene {
  FileMapping* mapping = nullptr;  ///< the trial's mapping of the file; stays valid throughout
  std::span<std::byte> pinned;     ///< the pinned part of it
  pid_t breaker = -1;              ///< the process that breaks (or will)
};

/// One kind of disturber. Absent functions do nothing.
struct DisturberKind {
  std::string_view name;      ///< as in a job file: "refault"
  std::string_view help;      ///< one line for `list disturbers`
  bool ends_breaker = false;  ///< the breaker must end because of it, while the pin still holds
  bool unmaps = false;        ///< drops the trial's mapping before the breaker starts
  std::function<Result<void>(Scene&)> before;  ///< pinned, breaker not yet started
  std::function<Result<void>(Scene&)> during;  ///< breaker asleep
};

using DisturberRegistry = Registry<DisturberKind>;

}  // namespace daxbreak
