// SPDX-License-Identifier: GPL-2.0
// The device_dax driver is taken from the node (what `daxctl disable-device` does): its page map
// goes. 5.10 waits in memunmap_pages() until every page was put; from 5.18 to today pins of generic
// pages hold nothing (mm/memremap.c, memunmap_pages(): percpu_ref_put_many() whatever the counts),
// so the memory map is freed under the pin, and the put that comes then finds nothing.
#include <cerrno>

#include "workloads/breaker/unbind.h"

namespace daxbreak {
namespace {

int find_driver(BreakTarget& target) {
  const auto device = on_dax_bus(target);
  return device.empty() ? ENODEV : prepare_unbind(target, device);
}

const BreakerRegistry::Add registered{{
    .name = "device-unbind",
    .help = "device-dax: sysfs unbind of the node from its driver; the struct pages go",
    .can_wedge = true,
    .device_dax = true,
    .arm = find_driver,
    .run = unbind_now,
}};

}  // namespace
}  // namespace daxbreak
