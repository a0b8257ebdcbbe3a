// SPDX-License-Identifier: GPL-2.0
// ftruncate(2) to zero: every block of the file is given away.
#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "truncate",
    .help = "ftruncate(2) to zero",
    .ends_file = true,
    .run = [](BreakTarget& target) { return outcome(::ftruncate(target.fd, 0)); },
    .recipe = {.call = "ftruncate(fd, 0)"},
}};

}  // namespace
}  // namespace daxbreak
