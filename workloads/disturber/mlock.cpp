// SPDX-License-Identifier: GPL-2.0
// mlock(2) of the pinned memory while the breaker sleeps: it faults the page in again, as `refault`
// does, but by get_user_pages() (mm/gup.c, populate_vma_page_range()). DAX areas are never marked
// VM_LOCKED (mm/mlock.c, mlock_fixup(); 7.2: mm/internal.h, vma_supports_mlock()), so there is
// nothing to undo.
#include <sys/mman.h>

#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

Result<void> lock(Scene& scene) {
  if (::mlock(scene.pinned.data(), scene.pinned.size()) != 0)
    return errno_error("mlock the pinned memory");
  return ok();
}

const DisturberRegistry::Add registered{{
    .name = "mlock",
    .help = "mlock(2) faults the pinned page in again while the breaker sleeps",
    .during = lock,
    .recipe = {.during = R"(check(mlock(page, pinned) == 0, "mlock");)"
                         "\n"},
}};

}  // namespace
}  // namespace daxbreak
