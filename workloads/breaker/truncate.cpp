// SPDX-License-Identifier: GPL-2.0
// ftruncate(2) to zero: every block of the file is given away.
#include <unistd.h>

#include <cerrno>

#include "workloads/breaker/breaker.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "truncate",
    .help = "ftruncate(2) to zero",
    .run = [](const BreakTarget& target) { return ::ftruncate(target.fd, 0) == 0 ? 0 : errno; },
}};

}  // namespace
}  // namespace daxbreak
