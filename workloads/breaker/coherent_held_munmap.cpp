// SPDX-License-Identifier: GPL-2.0
// munmap(2) of pages that the device has and a pipe holds. The driver must not get them before the
// pipe lets go: it hands out last what it was given first (lib/test_hmm.c, dmirror_devmem_free()),
// so that whoever asks next would have them, and write over what the pipe has.
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "pmem/mapping.h"
#include "workloads/breaker/call.h"
#include "workloads/breaker/pipe_hold.h"
#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

/// Other memory goes to the device; its pages must be none of those that were there before.
int take_others(const PrivateMemory& others, const PrivateReport& before) {
  if (const Moved moved = give_to_device(others); moved.error != 0) return moved.error;
  auto frames = private_frames(others.pages);
  if (!frames) return number_of(frames.error());
  const auto* const end = before.frames.data() + before.pages;
  for (const auto& frame : *frames)
    if (frame && std::find(before.frames.data(), end, *frame) != end) ++others.report->held_freed;
  return 0;
}

int unmap_held(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  const std::size_t length = memory.pages.size();
  void* const other =
      ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (other == MAP_FAILED) return errno;
  ::madvise(other, length, MADV_NOHUGEPAGE);
  PrivateMemory others = memory;
  others.pages = {static_cast<std::byte*>(other), length};
  others.seed = ~memory.seed;

  PipeHold hold;
  if (const int bad = hold.take(memory.pages); bad != 0) return bad;
  if (const int bad = note_strayed(memory); bad != 0) return bad;
  if (::munmap(memory.pages.data(), length) != 0) return errno;
  if (const int bad = take_others(others, *memory.report); bad != 0) return bad;
  std::vector<std::byte> copy(length);
  if (const int bad = hold.drain(copy); bad != 0) return bad;
  compare_private(copy, memory.seed, *memory.report);
  compare_private(others.pages, others.seed, *memory.report);
  return outcome(::munmap(other, length));
}

const BreakerRegistry::Add registered{{
    .name = "coherent-held-munmap",
    .help = "device-coherent: munmap(2) of pages that a pipe holds must not give them to others",
    .takes = Takes::no,
    .device_memory = DeviceMemory::device_coherent,
    .run = unmap_held,
}};

}  // namespace
}  // namespace daxbreak
