// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include "base/units.h"
#include "cli/machine_checks.h"
#include "pmem/mount.h"
#include "pmem/mountinfo.h"
#include "pmem/namespaces.h"

namespace daxbreak {
namespace {

constexpr std::string_view group = "pmem";

MachineCheck answer(std::string what, bool good, std::string found, std::string cure = {}) {
  return {.group = std::string(group),
          .what = std::move(what),
          .good = good,
          .found = std::move(found),
          .cure = good ? "" : std::move(cure)};
}

}  // namespace

std::vector<MachineCheck> check_pmem() {
  std::vector<MachineCheck> checks;
  auto spaces = list_namespaces();
  if (!spaces) {
    checks.push_back(answer("namespaces", false, spaces.error().message()));
  } else if (spaces->empty()) {
    checks.push_back(answer("namespaces", false, "this machine has no persistent memory",
                            "none needed: the lab emulates it"));
  } else {
    for (const Namespace& space : *spaces)
      checks.push_back(answer(space.name, true,
                              fmt::format("{}, {}, {}{}", space.mode, format_size(space.size),
                                          space.block.empty() ? space.character : space.block,
                                          space.holder.empty() ? "" : ", " + space.holder)));
  }
  auto mounts = list_mounts();
  if (!mounts) {
    checks.push_back(answer("DAX mounts", false, mounts.error().message()));
    return checks;
  }
  bool any = false;
  for (const Mount& mount : *mounts) {
    if (!may_be_dax(mount)) continue;
    any = true;
    auto found = find_dax_directory(mount.where);
    checks.push_back(
        answer(mount.where, found.has_value(),
               found ? fmt::format("{} on {}, DAX proved", mount.filesystem, mount.source)
                     : found.error().message()));
  }
  if (!any)
    checks.push_back(
        answer("DAX mounts", false, "no ext4 or xfs is mounted from a pmem device",
               "none needed for the lab; mount one with -o dax=always for --directory"));
  return checks;
}

}  // namespace daxbreak
