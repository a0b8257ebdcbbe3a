// SPDX-License-Identifier: GPL-2.0
// io_uring registers pages that the device has as a buffer (FOLL_LONGTERM). Device-coherent memory
// must always be evictable, so the kernel moves them to ordinary memory first (mm/gup.c,
// migrate_longterm_unpinnable_pages() -> migrate_device_coherent_page()), or refuses; the pin must
// not be of a page on the device. What is pinned then does not go back to the device.
#include <vector>

#include "pmem/mapping.h"
#include "workloads/breaker/longterm_hold.h"
#include "workloads/breaker/pipe_hold.h"
#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

/// Has the pages pinned and looks where they are; 0, or errno.
int pin_for_long(const PrivateMemory& memory, LongtermHold& hold) {
  if (const int refused = hold.take(memory.pages); refused != 0) return refused;
  auto there = pages_on_device(memory.pages);
  if (!there) return number_of(there.error());
  memory.report->longterm_there += *there;
  compare_private(memory.pages, memory.seed, *memory.report);
  return 0;
}

int pin_longterm(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  LongtermHold hold;
  if (const int bad = pin_for_long(memory, hold); bad != 0) return bad;
  // Found on the device already, none of them would have moved there.
  if (memory.report->longterm_there != 0) return hold.drop();
  std::vector<std::byte> copy(memory.pages.size());
  const Moved moved = memory.mirror().to_device(memory.pages, copy);
  if (const int bad = note_held(memory, moved, MoveTo::device); bad != 0) return bad;
  compare_private(memory.pages, memory.seed, *memory.report);
  if (const int bad = hold.drop(); bad != 0) return bad;
  const Moved after = memory.mirror().to_device(memory.pages, copy);
  if (after.error != 0) return after.error;
  compare_private(copy, memory.seed, *memory.report);
  compare_private(memory.pages, memory.seed, *memory.report);
  return 0;
}

/// While a pipe holds them they can neither move nor be pinned; a kernel that says yes has left
/// them on the device, or parted what the pipe has from what the process has.
int pin_held(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  PipeHold pipe;
  if (const int bad = pipe.take(memory.pages); bad != 0) return bad;
  if (const int bad = note_strayed(memory); bad != 0) return bad;
  {
    LongtermHold hold;
    const int refused = pin_for_long(memory, hold);
    auto there = pages_on_device(memory.pages);
    if (!there) return number_of(there.error());
    memory.report->held_moved += memory.pages.size() / small_page - *there;
    if (refused != 0) memory.report->held_stayed += *there;
  }
  std::vector<std::byte> copy(memory.pages.size());
  if (const int bad = pipe.drain(copy); bad != 0) return bad;
  compare_private(copy, memory.seed, *memory.report);
  LongtermHold hold;
  return pin_for_long(memory, hold);
}

const BreakerRegistry::Add pinned{{
    .name = "coherent-longterm",
    .help = "device-coherent: a registered io_uring buffer must not be on the device",
    .takes = Takes::no,
    .device_memory = DeviceMemory::device_coherent,
    .run = pin_longterm,
}};

const BreakerRegistry::Add held{{
    .name = "coherent-held-longterm",
    .help =
        "device-coherent: the same while a pipe holds the pages, and once more when it is drained",
    .takes = Takes::no,
    .device_memory = DeviceMemory::device_coherent,
    .run = pin_held,
}};

}  // namespace
}  // namespace daxbreak
