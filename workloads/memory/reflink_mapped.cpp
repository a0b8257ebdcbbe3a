// SPDX-License-Identifier: GPL-2.0
// Two files share the block, and both map it. From 6.15 on each of their mappings is a reference on
// the one folio (fs/dax.c, dax_fault_iter()), while a break unmaps the broken file's alone.
#include "workloads/memory/memory.h"

namespace daxbreak {
namespace {

const MemoryRegistry::Add registered{{
    .name = "reflink-mapped",
    .help = "as reflink, and the other file that owns the block is mapped and touched too",
    .how = {.writable = false},
    .write_touch = false,
    .shared_extent = true,
    .clone_mapped = true,
    .filesystems = {"xfs"},
    .recipe_flags = "MAP_SHARED",
    .recipe_protection = "PROT_READ",
}};

}  // namespace
}  // namespace daxbreak
