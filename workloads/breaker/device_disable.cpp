// SPDX-License-Identifier: GPL-2.0
// The dax_pmem driver is taken from the namespace (what `ndctl disable-namespace` does): the
// device-dax node that it made is unregistered, and its page map goes with it (drivers/dax/bus.c,
// unregister_dev_dax()).
#include <cerrno>

#include "workloads/breaker/unbind.h"

namespace daxbreak {
namespace {

/// The nd device that the node hangs under: .../region0/dax0.0/dax0.0.
int find_driver(BreakTarget& target) {
  const auto device = on_dax_bus(target);
  return device.empty() ? ENODEV : prepare_unbind(target, device.parent_path());
}

const BreakerRegistry::Add registered{{
    .name = "device-disable",
    .help = "device-dax: the namespace under it is disabled, as `ndctl disable-namespace` does",
    .can_wedge = true,
    .device_dax = true,
    .arm = find_driver,
    .run = unbind_now,
}};

}  // namespace
}  // namespace daxbreak
