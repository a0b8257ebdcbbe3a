// SPDX-License-Identifier: GPL-2.0
/// What a storm is made of: threads that pin and threads that break, with no order between them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/registry.h"
#include "workloads/storm/load.h"

namespace daxbreak {

/// The name of the load that is made of pinners and breakers.
inline constexpr std::string_view storm_name = "storm";

/// A kind of thread that holds pages for moments. Its first series is "pin".
struct StormPinKind {
  std::string_view name;  ///< as in a job file: "vmsplice"
  std::string_view help;  ///< one line
  bool block = false;     ///< needs LoadPlace::device
  bool writes = false;    ///< writes to the pages it holds
  bool in_parts = true;   ///< takes pages and lets them go in calls of their own: knows the truce
  bool shared = false;    ///< holds pages that several files share, and leaves them shared
  std::unique_ptr<Load> (*make)() = nullptr;
};

/// A kind of thread that breaks layouts. Its first series is "break".
struct StormBreakKind {
  std::string_view name;  ///< as in a job file: "punch-hole"
  std::string_view help;  ///< one line
  bool clones = false;    ///< breaks a clone of its own (clone_path()), never the storm's file
  std::unique_ptr<Load> (*make)() = nullptr;
};

/// The clone of a storm's file that the breaker of this LoadPlace::thread has.
[[nodiscard]] inline std::string clone_path(const std::string& file, unsigned thread) {
  return file + "-clone-" + std::to_string(thread);
}

using StormPinRegistry = Registry<StormPinKind>;
using StormBreakRegistry = Registry<StormBreakKind>;

}  // namespace daxbreak
