// SPDX-License-Identifier: GPL-2.0
// The usual: a shared, writable mapping as libpmem2 makes it (MAP_SYNC), of a written block.
#include "workloads/memory/memory.h"

namespace daxbreak {
namespace {

const MemoryRegistry::Add registered{{
    .name = "shared",
    .help = "a shared writable mapping of written blocks, MAP_SYNC where the file can have it",
    .recipe_flags = "",
    .recipe_protection = "",
}};

}  // namespace
}  // namespace daxbreak
