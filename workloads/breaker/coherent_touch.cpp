// SPDX-License-Identifier: GPL-2.0
// The processor reads and writes pages that the device has, where they are: the page table maps
// them (mm/migrate.c, remove_migration_pte(): only device-private pages get an entry that is not
// present), so nothing faults, nothing moves, and the device sees what was written.
#include <vector>

#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

int read_and_write(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  compare_private(memory.pages, memory.seed, *memory.report);
  const std::uint32_t other = ~memory.seed;
  fill_private(memory.pages, other);
  if (const int bad = note_strayed(memory); bad != 0) return bad;
  // Nothing is left to be moved: the driver only reads the pages that it has.
  std::vector<std::byte> copy(memory.pages.size());
  if (const Moved seen = memory.mirror().to_device(memory.pages, copy); seen.error != 0)
    return seen.error;
  compare_private(copy, other, *memory.report);
  compare_private(memory.pages, other, *memory.report);
  return 0;
}

const BreakerRegistry::Add registered{{
    .name = "coherent-touch",
    .help = "device-coherent: the owner reads and writes its pages where they are",
    .takes = Takes::no,
    .device_memory = DeviceMemory::device_coherent,
    .run = read_and_write,
}};

}  // namespace
}  // namespace daxbreak
