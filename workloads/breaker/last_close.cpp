// SPDX-License-Identifier: GPL-2.0
// The last descriptor of a file without a name goes: by close(2), and by the end of the process
// that has it. The last fput() is task work, which runs before the call returns to user space
// (fs/file_table.c), so close(2) itself comes back only after the inode was evicted, and a process
// that ends does so in its exit_task_work(). Whether the file was unlinked or came from O_TMPFILE
// makes no difference there: both are inodes without links. As to pinned pages, see unlink.cpp.
#include <unistd.h>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add close_kind{{
    .name = "last-close",
    .help = "close(2) of the last descriptor of an unlinked file",
    .last_reference = true,
    .unnamed = true,
    .run =
        [](BreakTarget& target) {
          // EINTR, too, means that the descriptor is gone: Linux frees it first.
          return outcome(::close(std::exchange(target.fd, -1)));
        },
    .recipe = {.call = "close(fd)"},
}};

const BreakerRegistry::Add exit_kind{{
    .name = "exit",
    .help = "exit(2) of the process that has the last descriptor of an unlinked file",
    .last_reference = true,
    .unnamed = true,
    .ends_process = true,
    .run = [](BreakTarget&) -> int { ::_exit(0); },
    .recipe = {.call = "(_exit(0), 0)"},
}};

}  // namespace
}  // namespace daxbreak
