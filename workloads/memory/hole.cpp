// SPDX-License-Identifier: GPL-2.0
// The pinned page lies in a hole and was read: the kernel's zero page stands in the page table, and
// a zero entry in the file's page cache (fs/dax.c, dax_load_hole(), dax_pmd_load_hole()). The scan
// must pass over that entry: there is no page of the device behind it. No PROT_WRITE: a pin that
// asks for writing would fill the hole.
#include "workloads/memory/memory.h"

namespace daxbreak {
namespace {

const MemoryRegistry::Add registered{{
    .name = "hole",
    .help = "a hole that was read: the kernel's zero page is held, nothing of the file",
    .how = {.writable = false},
    .write_touch = false,
    .file_page = false,
    .hole = true,
    .recipe_flags = "MAP_SHARED",
    .recipe_protection = "PROT_READ",
}};

}  // namespace
}  // namespace daxbreak
