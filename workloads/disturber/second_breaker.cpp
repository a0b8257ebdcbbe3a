// SPDX-License-Identifier: GPL-2.0
// A second process cuts the file while the first breaker sleeps. The first holds i_rwsem throughout
// (only the invalidate lock is dropped for the wait), so the second waits for it, uninterruptibly
// (fs/open.c, do_truncate(): inode_lock()), and must get its turn once the first has returned.
#include <unistd.h>

#include <cerrno>

#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

const DisturberRegistry::Add registered{{
    .name = "second-breaker",
    .help = "another process's ftruncate(2) to zero queues behind the sleeping breaker",
    .bystander = [](BreakTarget& target) { return ::ftruncate(target.fd, 0) == 0 ? 0 : errno; },
    .recipe = {.during = R"(pid_t second = fork();
check(second >= 0, "fork");
if (second == 0) {
	syscall(SYS_close_range, 3, ~0U, 0); /* not the pin's descriptors */
	_exit(truncate(path, 0) == 0 ? 0 : errno);
}
)"},
}};

}  // namespace
}  // namespace daxbreak
