// SPDX-License-Identifier: GPL-2.0
// A block that a second file shares, touched by a read: one page of the device stands for two
// files. fs/dax.c counts its users in the page itself: dax_mapping_set_cow() of 6.1,
// dax_page_share_get() of 6.12, dax_associate_entry() with folio->share of 7.2. No PROT_WRITE: the
// fault of a pin that asks for writing would give the file a block of its own.
#include "workloads/memory/memory.h"

namespace daxbreak {
namespace {

const MemoryRegistry::Add registered{{
    .name = "reflink",
    .help = "a block that a second file shares, touched by a read (xfs, where DAX and reflink mix)",
    .how = {.writable = false},
    .write_touch = false,
    .shared_extent = true,
    .filesystems = {"xfs"},
    .recipe_flags = "MAP_SHARED",
    .recipe_protection = "PROT_READ",
}};

}  // namespace
}  // namespace daxbreak
