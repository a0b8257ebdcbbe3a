// SPDX-License-Identifier: GPL-2.0
// madvise(2) MADV_REMOVE: punch-hole by address (mm/madvise.c, madvise_remove()). It needs a shared
// mapping that may be written: one of the breaker's own, never touched, so that it holds no page.
// But it makes the file a mapped one: kernels before 6.15, whose scan passes over files that nobody
// maps (fs/dax.c, dax_layout_busy_page_range(): mapping_mapped()), scan this one whatever the trial
// unmaps.
#include <sys/mman.h>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

int map_range(BreakTarget& target) {
  void* const range = ::mmap(nullptr, target.length, PROT_READ | PROT_WRITE, MAP_SHARED, target.fd,
                             static_cast<off_t>(target.offset));
  if (range == MAP_FAILED) return errno;
  target.state = range;
  return 0;
}

const BreakerRegistry::Add registered{{
    .name = "madvise-remove",
    .help = "madvise(2) MADV_REMOVE over the range, through a mapping of the breaker's own",
    .ranged = true,
    .arm = map_range,
    .run =
        [](BreakTarget& target) {
          return outcome(
              ::madvise(*std::any_cast<void*>(&target.state), target.length, MADV_REMOVE));
        },
    .recipe = {.functions = "static char *break_range;\n",
               .arm = "break_range = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, "
                      "offset);\n"
                      "check(break_range != MAP_FAILED, \"map the range\");\n",
               .call = "madvise(break_range, length, MADV_REMOVE)"},
}};

}  // namespace
}  // namespace daxbreak
