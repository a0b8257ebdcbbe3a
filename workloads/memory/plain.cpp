// SPDX-License-Identifier: GPL-2.0
// What a program gets that knows nothing of DAX: a shared mapping without MAP_SYNC. Its write
// faults do not commit the journal first (fs/dax.c, dax_fault_is_synchronous()).
#include "workloads/memory/memory.h"

namespace daxbreak {
namespace {

const MemoryRegistry::Add registered{{
    .name = "plain",
    .help = "a shared writable mapping without MAP_SYNC",
    .how = {.synchronous = false},
    .recipe_flags = "MAP_SHARED",
    .recipe_protection = "PROT_READ | PROT_WRITE",
}};

}  // namespace
}  // namespace daxbreak
