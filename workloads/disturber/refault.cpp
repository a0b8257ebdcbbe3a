// SPDX-License-Identifier: GPL-2.0
// The pinned page is touched through the mapping while the breaker sleeps: the waiter dropped the
// invalidate lock (ext4_wait_dax_page(), xfs_wait_dax_page()), so the fault maps the page again.
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

Result<void> touch(Scene& scene) {
  const volatile std::byte* const page = scene.pinned.data();
  static_cast<void>(*page);
  return ok();
}

const DisturberRegistry::Add registered{{
    .name = "refault",
    .help = "a read through the mapping faults the pinned page in again while the breaker sleeps",
    .during = touch,
    .recipe = {.during = "(void)*(volatile char *)page;\n"},
}};

}  // namespace
}  // namespace daxbreak
