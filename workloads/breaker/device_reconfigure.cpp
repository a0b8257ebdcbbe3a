// SPDX-License-Identifier: GPL-2.0
// The namespace is made fsdax: the device-dax node goes, its pages are initialised anew for the
// other use, and the pin's reference is on a page of another life.
#include <cerrno>
#include <string>

#include "pmem/namespaces.h"
#include "workloads/breaker/breaker.h"

namespace daxbreak {
namespace {

int find_namespace(BreakTarget& target) {
  auto spaces = list_namespaces();
  if (!spaces) return spaces.error().number != 0 ? spaces.error().number : ENODEV;
  for (const Namespace& space : *spaces)
    if (space.character == target.device) {
      target.state = space.name;
      return 0;
    }
  return ENODEV;
}

int reconfigure(BreakTarget& target) {
  const auto made = configure_namespace(
      {.name = std::any_cast<std::string>(target.state), .mode = "fsdax", .force = true});
  if (made) return 0;
  return made.error().number != 0 ? made.error().number : EIO;
}

const BreakerRegistry::Add registered{{
    .name = "device-reconfigure",
    .help = "device-dax: the namespace under it is made fsdax, as `ndctl create-namespace -f` does",
    .can_wedge = true,
    .device_dax = true,
    .arm = find_namespace,
    .run = reconfigure,
}};

}  // namespace
}  // namespace daxbreak
