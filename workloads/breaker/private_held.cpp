// SPDX-License-Identifier: GPL-2.0
// A page that somebody holds must not be moved, either way: the migration has to see the reference
// that no mapping explains (mm/migrate.c and mm/migrate_device.c, migrate_vma_check_page();
// migrate_page_move_mapping()), and the driver has to be told. Afterwards the page moves.
#include <vector>

#include "workloads/breaker/pipe_hold.h"
#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

int move_held(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  compare_private(memory.pages, memory.seed, *memory.report);  // all back
  std::vector<std::byte> copy(memory.pages.size());
  {
    PipeHold hold;
    if (const int bad = hold.take(memory.pages); bad != 0) return bad;
    const Moved moved = memory.mirror().to_device(memory.pages, copy);
    if (const int bad = note_held(memory, moved, MoveTo::device); bad != 0) return bad;
  }
  compare_private(memory.pages, memory.seed, *memory.report);
  const Moved after = memory.mirror().to_device(memory.pages, copy);
  if (after.error != 0) return after.error;
  compare_private(copy, memory.seed, *memory.report);
  compare_private(memory.pages, memory.seed, *memory.report);
  return 0;
}

const BreakerRegistry::Add registered{{
    .name = "private-held",
    .help = "device-private: pages that a pipe holds must not go to the device; drained, they must",
    .takes = Takes::no,
    .device_memory = DeviceMemory::device_private,
    .run = move_held,
}};

}  // namespace
}  // namespace daxbreak
