// SPDX-License-Identifier: GPL-2.0
// A page that somebody holds must not be moved, either way: the migration has to see the reference
// that no mapping explains (mm/migrate.c and mm/migrate_device.c, migrate_vma_check_page();
// migrate_page_move_mapping()), and the driver has to be told. Afterwards the page moves.
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "base/fd.h"
#include "pmem/mapping.h"
#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

/// Counts what became of held pages of a migration that said `moved`.
int note_held(const PrivateMemory& memory, const Moved& moved) {
  auto frames = private_frames(memory.pages);
  if (!frames) return frames.error().number != 0 ? frames.error().number : EIO;
  std::uint64_t on_device = 0;
  for (const auto& frame : *frames)
    if (frame) ++on_device;
  const std::uint64_t all = memory.pages.size() / small_page;
  memory.report->held_moved += on_device;
  // The driver reads its copy of what it thinks it has; ENOENT is its word for the first it has
  // not.
  const bool told = moved.error == ENOENT && moved.pages <= on_device;
  (told ? memory.report->held_stayed : memory.report->held_unsaid) += all - on_device;
  return 0;
}

int move_held(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  compare_private(memory.pages, memory.seed, *memory.report);  // all back
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
  std::vector<std::byte> copy(memory.pages.size());
  {
    const Fd out(ends[0]);
    const Fd in(ends[1]);
    ::fcntl(in.get(), F_SETPIPE_SZ, static_cast<int>(2 * memory.pages.size()));
    const iovec all{.iov_base = memory.pages.data(), .iov_len = memory.pages.size()};
    const ssize_t held = ::vmsplice(in.get(), &all, 1, SPLICE_F_NONBLOCK);
    if (held != static_cast<ssize_t>(memory.pages.size())) return held < 0 ? errno : EAGAIN;
    const Moved moved = memory.mirror().to_device(memory.pages, copy);
    if (const int bad = note_held(memory, moved); bad != 0) return bad;
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
    .device_private = true,
    .run = move_held,
}};

}  // namespace
}  // namespace daxbreak
