// SPDX-License-Identifier: GPL-2.0
// Somebody else wants references to pages that the device has. get_user_pages() gets none of them:
// the entry is not present, so the fault handler brings the page back first (mm/gup.c,
// faultin_page()), and the reference is to an ordinary page.
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/fd.h"
#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

/// process_vm_readv(2) by a child, of the parent's pages.
int read_remotely(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
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
  return outcome_of_child(child);
}

/// A pipe holds them, by vmsplice(2): FOLL_GET, for as long as it is not drained.
int splice(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
  const Fd out(ends[0]);
  const Fd in(ends[1]);
  ::fcntl(in.get(), F_SETPIPE_SZ, static_cast<int>(2 * memory.pages.size()));
  const iovec all{.iov_base = memory.pages.data(), .iov_len = memory.pages.size()};
  const ssize_t held = ::vmsplice(in.get(), &all, 1, SPLICE_F_NONBLOCK);
  if (held < 0) return errno;
  if (held != static_cast<ssize_t>(memory.pages.size())) return EAGAIN;
  auto left = private_frames(memory.pages);
  if (!left) return left.error().number != 0 ? left.error().number : EIO;
  for (const auto& frame : *left)
    if (frame) ++memory.report->held_moved;
  std::vector<std::byte> copy(memory.pages.size());
  for (std::size_t at = 0; at < copy.size();) {
    const ssize_t got = ::read(out.get(), &copy[at], copy.size() - at);
    if (got <= 0) return got < 0 ? errno : EIO;
    at += static_cast<std::size_t>(got);
  }
  compare_private(copy, memory.seed, *memory.report);
  return 0;
}

const BreakerRegistry::Add remote{{
    .name = "private-read",
    .help = "device-private: another process reads the pages with process_vm_readv(2)",
    .takes = Takes::no,
    .device_private = true,
    .run = read_remotely,
}};

const BreakerRegistry::Add spliced{{
    .name = "private-vmsplice",
    .help = "device-private: a pipe takes references, for which the pages have to come back",
    .takes = Takes::no,
    .device_private = true,
    .run = splice,
}};

}  // namespace
}  // namespace daxbreak
