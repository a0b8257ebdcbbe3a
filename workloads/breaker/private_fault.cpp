// SPDX-License-Identifier: GPL-2.0
// The processor touches pages that the device has: each comes back by a fault (mm/memory.c,
// do_swap_page(): pgmap->ops->migrate_to_ram()).
#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

int touch_all(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  compare_private(memory.pages, memory.seed, *memory.report);
  return 0;
}

const BreakerRegistry::Add registered{{
    .name = "private-fault",
    .help = "device-private: the owner touches its pages, which come back by faults",
    .takes = Takes::no,
    .device_memory = DeviceMemory::device_private,
    .run = touch_all,
}};

}  // namespace
}  // namespace daxbreak
