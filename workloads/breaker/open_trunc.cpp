// SPDX-License-Identifier: GPL-2.0
// open(2) with O_TRUNC: the same break as ftruncate(2) to zero, reached from the path walk
// (fs/namei.c, handle_truncate()). The trial's own descriptor stays open beside it.
#include <fcntl.h>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "open-trunc",
    .help = "open(2) with O_TRUNC of the file's name",
    .ends_file = true,
    .run =
        [](BreakTarget& target) {
          const int opened =
              ::openat(target.directory, target.name.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
          const int failed = outcome(opened);
          if (opened >= 0) ::close(opened);
          return failed;
        },
    .recipe = {.call = "open(path, O_WRONLY | O_TRUNC)"},
}};

}  // namespace
}  // namespace daxbreak
