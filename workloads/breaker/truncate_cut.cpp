// SPDX-License-Identifier: GPL-2.0
// ftruncate(2) that cuts off just the pinned page, which is the file's last.
#include <unistd.h>

#include <cerrno>

#include "workloads/breaker/breaker.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "truncate-cut",
    .help = "ftruncate(2) that cuts off the pinned page, the file's last, and nothing else",
    .run =
        [](const BreakTarget& target) {
          return ::ftruncate(target.fd, static_cast<off_t>(target.offset)) == 0 ? 0 : errno;
        },
}};

}  // namespace
}  // namespace daxbreak
