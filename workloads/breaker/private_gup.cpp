// SPDX-License-Identifier: GPL-2.0
// Somebody else wants references to pages that the device has. get_user_pages() gets none of
// device-private ones: the entry is not present, so the fault handler brings the page back first
// (mm/gup.c, faultin_page()), and the reference is to an ordinary page. Device-coherent pages are
// read where they are.
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "workloads/breaker/pipe_hold.h"
#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

/// process_vm_readv(2) by a child, of the parent's pages.
int read_remotely(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  // The child must not share them: FOLL_PIN has a shared page copied first, to ordinary memory
  // (include/linux/mm.h, gup_must_unshare()).
  if (memory.kind == DeviceMemory::device_coherent &&
      ::madvise(memory.pages.data(), memory.pages.size(), MADV_DONTFORK) != 0)
    return errno;
  const pid_t owner = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return errno;
  if (child == 0) {
    die_with_parent();
    std::vector<std::byte> copy(memory.pages.size());
    const iovec into{.iov_base = copy.data(), .iov_len = copy.size()};
    const iovec from{.iov_base = memory.pages.data(), .iov_len = memory.pages.size()};
    const auto got = ::process_vm_readv(owner, &into, 1, &from, 1, 0);
    if (got != static_cast<ssize_t>(copy.size())) ::_exit(1);
    compare_private(copy, memory.seed, *memory.report);
    ::_exit(0);
  }
  const int bad = outcome_of_child(child);
  return bad != 0 ? bad : note_strayed(memory);
}

/// A pipe holds them, by vmsplice(2): FOLL_GET, for as long as it is not drained.
int splice(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  PipeHold hold;
  if (const int bad = hold.take(memory.pages); bad != 0) return bad;
  auto left = pages_on_device(memory.pages);
  if (!left) return number_of(left.error());
  memory.report->held_moved += *left;
  std::vector<std::byte> copy(memory.pages.size());
  if (const int bad = hold.drain(copy); bad != 0) return bad;
  compare_private(copy, memory.seed, *memory.report);
  return 0;
}

const AddForBoth remote{
    {
        .name = "private-read",
        .help = "device-private: another process reads the pages with process_vm_readv(2)",
        .takes = Takes::no,
        .run = read_remotely,
    },
    "coherent-read",
    "device-coherent: another process reads the pages with process_vm_readv(2)"};

const BreakerRegistry::Add spliced{{
    .name = "private-vmsplice",
    .help = "device-private: a pipe takes references, for which the pages have to come back",
    .takes = Takes::no,
    .device_memory = DeviceMemory::device_private,
    .run = splice,
}};

}  // namespace
}  // namespace daxbreak
