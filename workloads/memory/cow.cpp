// SPDX-License-Identifier: GPL-2.0
// A private mapping that was written: an anonymous copy stands in the page table (mm/memory.c,
// do_cow_fault(), wp_page_copy()), so a pin holds nothing of the file, and taking the block must
// not wait for it. Copies are made page by page: a PMD fault for writing falls back to them
// (fs/dax.c, dax_iomap_pmd_fault(): "Fall back to PTEs if we're going to COW").
#include "workloads/memory/memory.h"

namespace daxbreak {
namespace {

const MemoryRegistry::Add registered{{
    .name = "cow",
    .help = "a private mapping that was written: an anonymous copy, nothing of the file is held",
    .how = {.writable = true, .shared = false},
    .write_touch = true,
    .file_page = false,
    .small_pages_only = true,
    .recipe_flags = "MAP_PRIVATE",
    .recipe_protection = "PROT_READ | PROT_WRITE",
}};

}  // namespace
}  // namespace daxbreak
