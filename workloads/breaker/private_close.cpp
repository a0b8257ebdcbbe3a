// SPDX-License-Identifier: GPL-2.0
// Another process opens the driver and closes it again. From 6.1 on the driver then takes
// references to all pages of its devices as it finds them, free or not, and moves those in use back
// (lib/test_hmm.c, dmirror_fops_release() -> migrate_device_range(): get_page_unless_zero());
// before, nothing happens. Whoever owns the pages must not notice.
#include <unistd.h>

#include <cerrno>

#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

int close_elsewhere(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  const pid_t child = ::fork();
  if (child < 0) return errno;
  if (child == 0) {
    die_with_parent();
    const bool opened = PrivateMirror::open(target.device).has_value();
    ::_exit(opened ? 0 : 1);
  }
  const int bad = outcome_of_child(child);
  compare_private(memory.pages, memory.seed, *memory.report);
  return bad;
}

const AddForBoth registered{
    {
        .name = "private-close",
        .help = "device-private: another process closes the device, which empties it since 6.1",
        .takes = Takes::no,
        .run = close_elsewhere,
    },
    "coherent-close",
    "device-coherent: another process closes the device, which empties it"};

}  // namespace
}  // namespace daxbreak
