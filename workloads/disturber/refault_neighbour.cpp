// SPDX-License-Identifier: GPL-2.0
// Another page than the pinned one is touched while the breaker sleeps. With 2 MiB pages it is part
// of the same folio, whose one count the fault raises from 6.15 on (fs/dax.c, dax_fault_iter(),
// vmf_insert_folio_pmd()); with 4 KiB pages it has a count of its own, and must not matter.
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

Result<void> touch(Scene& scene) {
  const volatile std::byte* const page = scene.neighbour.data();
  static_cast<void>(*page);
  return ok();
}

const DisturberRegistry::Add registered{{
    .name = "refault-neighbour",
    .help =
        "a read of another page (of the same 2 MiB page, if mapped so) while the breaker sleeps",
    .during = touch,
    .recipe = {.during = R"(char *const neighbour = page == map ? page + PAGE : page - PAGE;
(void)*(volatile char *)neighbour;
)"},
}};

}  // namespace
}  // namespace daxbreak
