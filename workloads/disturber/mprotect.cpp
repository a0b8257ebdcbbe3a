// SPDX-License-Identifier: GPL-2.0
// The pinned part of the mapping becomes inaccessible and then what it was, while the breaker
// sleeps: the area is split and merged again, and change_protection() walks over entries that the
// breaker has zapped. Nothing is touched, so nothing is mapped.
#include <sys/mman.h>

#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

Result<void> forbid_and_allow(Scene& scene) {
  const int before = PROT_READ | (scene.writable ? PROT_WRITE : 0);
  const int less = scene.writable ? PROT_READ : PROT_NONE;
  if (::mprotect(scene.pinned.data(), scene.pinned.size(), less) != 0)
    return errno_error("mprotect the pinned memory");
  if (::mprotect(scene.pinned.data(), scene.pinned.size(), before) != 0)
    return errno_error("mprotect the pinned memory back");
  return ok();
}

const DisturberRegistry::Add registered{{
    .name = "mprotect",
    .help = "mprotect(2) of the pinned memory to read-only and back while the breaker sleeps",
    .during = forbid_and_allow,
    .recipe = {.during = R"(check(mprotect(page, pinned, PROT_READ) == 0, "mprotect");
check(mprotect(page, pinned, PROT_READ | PROT_WRITE) == 0, "mprotect back");
)"},
}};

}  // namespace
}  // namespace daxbreak
