// SPDX-License-Identifier: GPL-2.0
// Two files share the block and both map it; the other one is truncated too. It has a lock of its
// own, so that both breakers come to wait for the one page, and its last put has to wake both: a
// wake that ends with the first waiter (5.10 before 5.10.38 had one, fs/dax.c, dax_wake_entry())
// leaves the second asleep.
#include <unistd.h>

#include <cerrno>

#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

const DisturberRegistry::Add registered{{
    .name = "other-owner-breaks",
    .help = "the other file that owns the block is truncated too, and waits for the same page",
    .needs_other_owner = true,
    .bystander =
        [](BreakTarget& target) { return ::ftruncate(target.other_owner, 0) == 0 ? 0 : errno; },
    .recipe = {.during = R"(pid_t second = fork();
check(second >= 0, "fork");
if (second == 0)
	_exit(ftruncate(clone_fd, 0) == 0 ? 0 : errno);
)"},
}};

}  // namespace
}  // namespace daxbreak
