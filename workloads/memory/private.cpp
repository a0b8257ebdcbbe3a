// SPDX-License-Identifier: GPL-2.0
// A private mapping that is only read maps the file's own page: nothing is copied before the first
// write (fs/dax.c, dax_iomap_pte_fault(): only a write to a vma without VM_SHARED sets
// vmf->cow_page). The scan must unmap it too: unmap_mapping_pages(even_cows = 0) leaves anonymous
// copies alone, and nothing else. No PROT_WRITE: a pin that asks for writing would copy the page
// instead.
#include "workloads/memory/memory.h"

namespace daxbreak {
namespace {

const MemoryRegistry::Add registered{{
    .name = "private",
    .help = "a private mapping that is only read: it maps the file's own page",
    .how = {.writable = false, .shared = false},
    .write_touch = false,
    .recipe_flags = "MAP_PRIVATE",
    .recipe_protection = "PROT_READ",
}};

}  // namespace
}  // namespace daxbreak
