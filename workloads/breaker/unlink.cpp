// SPDX-License-Identifier: GPL-2.0
// unlink(2) of a file that nobody has open or mapped any more: its name is the last reference, and
// its blocks are freed inside the call (fs/namei.c, do_unlinkat(): iput()). Kernels before 6.15 do
// not look for pinned pages when they evict an inode; later ones wait uninterruptibly
// (fs/dax.c, dax_break_layout_final()).
#include <fcntl.h>
#include <unistd.h>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "unlink",
    .help = "unlink(2) of the file's name, its last reference",
    .last_reference = true,
    .arm =
        [](BreakTarget& target) {
          give_up(target.fd);
          return 0;
        },
    .run =
        [](BreakTarget& target) {
          return outcome(::unlinkat(target.directory, target.name.c_str(), 0));
        },
    .recipe = {.arm = "close(fd);\n", .call = "unlink(path)"},
}};

}  // namespace
}  // namespace daxbreak
