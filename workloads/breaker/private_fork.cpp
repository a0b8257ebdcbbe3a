// SPDX-License-Identifier: GPL-2.0
// fork(2) while the device has the pages: the child's entries hold references of their own
// (mm/memory.c, copy_nonpresent_pte(): get_page() and the rmap), and both fault the same pages
// back. Device-coherent pages are shared like any other (copy_present_pte()), and stay.
#include <unistd.h>

#include <cerrno>

#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

/// At once: who comes second finds the page moving, or a reference more than the rmap explains.
int fork_and_touch(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  const pid_t child = ::fork();
  if (child < 0) return errno;
  if (child == 0) {
    die_with_parent();
    compare_private(memory.pages, memory.seed, *memory.report);
    ::_exit(0);
  }
  compare_private(memory.pages, memory.seed, *memory.report);
  const int bad = outcome_of_child(child);
  return bad != 0 ? bad : note_strayed(memory);
}

/// The parent's pages stay on the device until the child, who never touched them, is gone.
int fork_and_leave(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  const pid_t child = ::fork();
  if (child < 0) return errno;
  if (child == 0) ::_exit(0);
  const int bad = outcome_of_child(child);
  compare_private(memory.pages, memory.seed, *memory.report);
  return bad != 0 ? bad : note_strayed(memory);
}

const AddForBoth both{
    {
        .name = "private-fork",
        .help = "device-private: fork(2), then parent and child touch the same pages at once",
        .takes = Takes::no,
        .run = fork_and_touch,
    },
    "coherent-fork",
    "device-coherent: fork(2), then parent and child read the same pages at once"};

const AddForBoth left{
    {
        .name = "private-fork-exit",
        .help =
            "device-private: fork(2), the child ends untouched, then the parent touches its pages",
        .takes = Takes::no,
        .run = fork_and_leave,
    },
    "coherent-fork-exit",
    "device-coherent: fork(2), the child ends untouched, then the parent reads"};

}  // namespace
}  // namespace daxbreak
