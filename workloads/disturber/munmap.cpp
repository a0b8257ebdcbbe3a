// SPDX-License-Identifier: GPL-2.0
// The mapping goes before the breaker starts; the pin stays. Up to 6.14 the scan looks only at
// mapped files (fs/dax.c, dax_layout_busy_page_range(): !mapping_mapped(mapping) returns NULL).
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

const DisturberRegistry::Add registered{{
    .name = "munmap",
    .help = "munmap(2) of the file before the breaker starts, while the pin holds",
    .unmaps = true,
    .needs_mapping = false,
    .device_dax = true,
    .before = [](Scene& scene) { return scene.mapping->unmap(); },
    .recipe = {.before = R"(check(munmap(map, file_size) == 0, "munmap");
map = NULL;
)"},
}};

}  // namespace
}  // namespace daxbreak
