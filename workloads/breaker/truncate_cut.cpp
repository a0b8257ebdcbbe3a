// SPDX-License-Identifier: GPL-2.0
// ftruncate(2) that cuts off just the broken range, which is the file's last.
#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "truncate-cut",
    .help = "ftruncate(2) that cuts off the pinned page, the file's last, and nothing else",
    .ranged = true,
    .run =
        [](BreakTarget& target) {
          return outcome(::ftruncate(target.fd, static_cast<off_t>(target.offset)));
        },
    .recipe = {.call = "ftruncate(fd, offset)"},
}};

}  // namespace
}  // namespace daxbreak
