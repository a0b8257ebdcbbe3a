// SPDX-License-Identifier: GPL-2.0
// fallocate(2) FALLOC_FL_PUNCH_HOLE over the pinned page.
#include <fcntl.h>
#include <linux/falloc.h>

#include <cerrno>

#include "workloads/breaker/breaker.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "punch-hole",
    .help = "fallocate(2) FALLOC_FL_PUNCH_HOLE over the pinned page",
    .run =
        [](const BreakTarget& target) {
          return ::fallocate(target.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                             static_cast<off_t>(target.offset),
                             static_cast<off_t>(target.length)) == 0
                     ? 0
                     : errno;
        },
}};

}  // namespace
}  // namespace daxbreak
