// SPDX-License-Identifier: GPL-2.0
// The driver gives the pages back by itself (HMM_DMIRROR_MIGRATE_TO_SYS, lib/test_hmm.c since 5.19:
// migrate_vma_setup() with MIGRATE_VMA_SELECT_DEVICE_PRIVATE or _COHERENT).
#include <cerrno>

#include "pmem/mapping.h"
#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

int take_back(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  if (!memory.mirror().has_to_system()) return EOPNOTSUPP;
  const Moved moved = memory.mirror().to_system(memory.pages);
  if (moved.error != 0) return moved.error;
  if (moved.pages * small_page != memory.pages.size()) return EAGAIN;
  auto left = pages_on_device(memory.pages);
  if (!left) return number_of(left.error());
  if (*left != 0) return EIO;  // said to be back, and are not
  compare_private(memory.pages, memory.seed, *memory.report);
  return 0;
}

const AddForBoth registered{
    {
        .name = "private-migrate",
        .help = "device-private: the driver moves the pages back (test_hmm since 5.19)",
        .takes = Takes::no,
        .may_be_refused = true,
        .run = take_back,
    },
    "coherent-migrate",
    "device-coherent: the driver moves the pages back"};

}  // namespace
}  // namespace daxbreak
