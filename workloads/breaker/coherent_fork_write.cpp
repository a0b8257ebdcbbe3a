// SPDX-License-Identifier: GPL-2.0
// fork(2) while the device has the pages; the child writes them first, which copies them to
// ordinary memory (mm/memory.c, do_wp_page(), wp_page_copy()), then the parent, whose they are
// alone again. Neither may see what the other wrote.
#include <unistd.h>

#include <cerrno>

#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

int fork_and_write(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  const std::uint32_t childs = ~memory.seed;
  const pid_t child = ::fork();
  if (child < 0) return errno;
  if (child == 0) {
    die_with_parent();
    fill_private(memory.pages, childs);
    compare_private(memory.pages, childs, *memory.report);
    ::_exit(0);
  }
  compare_private(memory.pages, memory.seed, *memory.report);
  const int bad = outcome_of_child(child);
  compare_private(memory.pages, memory.seed, *memory.report);
  const std::uint32_t own = memory.seed ^ 0x5a5a5a5aU;
  fill_private(memory.pages, own);
  compare_private(memory.pages, own, *memory.report);
  return bad;
}

const BreakerRegistry::Add registered{{
    .name = "coherent-fork-write",
    .help = "device-coherent: fork(2), then the child and after it the parent write the pages",
    .takes = Takes::no,
    .device_memory = DeviceMemory::device_coherent,
    .run = fork_and_write,
}};

}  // namespace
}  // namespace daxbreak
