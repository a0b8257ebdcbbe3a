// SPDX-License-Identifier: GPL-2.0
/// Which kernel modules a guest loads, and in which order.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// A driver the lab wants in its guests.
struct WantedModule {
  std::string_view name;    ///< with underscores, as the kernel says it
  std::string_view config;  ///< what builds it; "" for one whose absence is not worth a word
  std::string_view what;    ///< what it is, for the message about its absence
  bool needed = false;      ///< without it no trial can run
  std::string_view parameters = {};
};

/// All of them, in the order in which they are asked for.
[[nodiscard]] const std::vector<WantedModule>& wanted_modules();

/// One file to load.
struct ModuleFile {
  std::string name;
  std::filesystem::path path;  ///< .ko, .ko.xz, .ko.zst or .ko.gz on the host
  std::string parameters;      ///< "nr_devices=0", or ""
};

/// What a guest loads.
struct ModulePlan {
  std::vector<ModuleFile> files;     ///< each after what it depends on
  std::vector<std::string> missing;  ///< not needed and not there: "null_blk (CONFIG_BLK_DEV_...)"
};

/// Resolves the wanted modules against a tree (the folder with modules.dep.bin), by libkmod with no
/// configuration: /etc/modprobe.d of the host is about the host, and ndctl's hides libnvdimm behind
/// an install line. What is built in needs nothing. A needed one that is neither is an Error:
/// "kernel has no pmem driver: nd_pmem (CONFIG_BLK_DEV_PMEM)". With an empty path the plan is
/// empty: everything is expected to be built in, which only the guest can tell.
[[nodiscard]] Result<ModulePlan> plan_modules(
    const std::filesystem::path& tree, const std::vector<WantedModule>& wanted = wanted_modules());

}  // namespace daxbreak
