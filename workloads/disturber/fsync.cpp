// SPDX-License-Identifier: GPL-2.0
// Another process syncs the file while the breaker sleeps: dax_writeback_mapping_range() walks the
// same entries as the scan, locks them and cleans their mappings (fs/dax.c, dax_writeback_one()).
#include <unistd.h>

#include <cerrno>

#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

const DisturberRegistry::Add registered{{
    .name = "fsync",
    .help = "another process's fsync(2) of the file while the breaker sleeps",
    .bystander = [](BreakTarget& target) { return ::fsync(target.fd) == 0 ? 0 : errno; },
    .recipe = {.during = R"(pid_t syncer = fork();
check(syncer >= 0, "fork");
if (syncer == 0) {
	syscall(SYS_close_range, 3, ~0U, 0); /* not the pin's descriptors */
	_exit(fsync(open(path, O_RDWR)) == 0 ? 0 : errno);
}
)"},
}};

}  // namespace
}  // namespace daxbreak
