// SPDX-License-Identifier: GPL-2.0
// A shared mapping that can only be read, touched by a read: the page table entry is clean and
// write-protected, and no journal transaction is behind it.
#include "workloads/memory/memory.h"

namespace daxbreak {
namespace {

const MemoryRegistry::Add registered{{
    .name = "read-only",
    .help = "a shared mapping with PROT_READ alone, touched by a read",
    .how = {.writable = false},
    .write_touch = false,
    .recipe_flags = "MAP_SHARED",
    .recipe_protection = "PROT_READ",
}};

}  // namespace
}  // namespace daxbreak
