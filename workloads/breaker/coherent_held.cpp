// SPDX-License-Identifier: GPL-2.0
// A pipe holds pages that the device has, where they are: vmsplice(2) asks for no FOLL_LONGTERM.
// The driver cannot have them back then. Drained, they come.
//
// Who has to see the reference is folio_migrate_mapping(): migrate_vma_check_page() allows a
// ZONE_DEVICE page one more than there is ("Page from ZONE_DEVICE have one extra reference",
// mm/migrate_device.c in 6.1), which was true of device-private pages before 5.18.
#include <cerrno>
#include <vector>

#include "pmem/mapping.h"
#include "workloads/breaker/pipe_hold.h"
#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

int move_held_back(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  PipeHold hold;
  if (const int bad = hold.take(memory.pages); bad != 0) return bad;
  if (const int bad = note_strayed(memory); bad != 0) return bad;
  const Moved moved = memory.mirror().to_system(memory.pages);
  if (const int bad = note_held(memory, moved, MoveTo::system); bad != 0) return bad;
  compare_private(memory.pages, memory.seed, *memory.report);

  std::vector<std::byte> copy(memory.pages.size());
  if (const int bad = hold.drain(copy); bad != 0) return bad;
  compare_private(copy, memory.seed, *memory.report);

  const Moved after = memory.mirror().to_system(memory.pages);
  if (after.error != 0) return after.error;
  if (after.pages * small_page != memory.pages.size()) return EAGAIN;
  compare_private(memory.pages, memory.seed, *memory.report);
  return 0;
}

const BreakerRegistry::Add registered{{
    .name = "coherent-held",
    .help = "device-coherent: pages that a pipe holds must stay on the device; drained, they leave",
    .takes = Takes::no,
    .device_memory = DeviceMemory::device_coherent,
    .run = move_held_back,
}};

}  // namespace
}  // namespace daxbreak
