// SPDX-License-Identifier: GPL-2.0
// The mapping goes while the breaker sleeps; the pin stays. Whatever the breaker looks at next, it
// must not take the file for one that nobody uses: up to 6.14 the scan looks only at mapped files
// (fs/dax.c, dax_layout_busy_page_range()), and it is made anew after each wake.
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

const DisturberRegistry::Add registered{{
    .name = "unmap-during",
    .help = "munmap(2) of the file while the breaker sleeps and the pin holds",
    .during = [](Scene& scene) { return scene.mapping->unmap(); },
    .recipe = {.during = R"(check(munmap(map, file_size) == 0, "munmap");
map = NULL;
)"},
}};

}  // namespace
}  // namespace daxbreak
