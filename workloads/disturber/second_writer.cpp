// SPDX-License-Identifier: GPL-2.0
// A second process writes to the file while the breaker sleeps: zeroes to the beginning of the
// broken range, whose content is the breaker's to decide anyway. write(2) wants i_rwsem, which the
// breaker holds, and must get its turn once that has returned.
#include <unistd.h>

#include <array>
#include <cerrno>

#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

int write_zeroes(BreakTarget& target) {
  const std::array<std::byte, small_page> zeroes{};
  const ssize_t put =
      ::pwrite(target.fd, zeroes.data(), zeroes.size(), static_cast<off_t>(target.offset));
  if (put < 0) return errno;
  return put == static_cast<ssize_t>(zeroes.size()) ? 0 : EIO;
}

const DisturberRegistry::Add registered{{
    .name = "second-writer",
    .help = "another process's pwrite(2) to the broken range queues behind the sleeping breaker",
    .bystander = write_zeroes,
    .recipe = {.during = R"(pid_t second = fork();
check(second >= 0, "fork");
if (second == 0) {
	static char zeroes[PAGE];
	syscall(SYS_close_range, 3, ~0U, 0); /* not the pin's descriptors */
	int own = open(path, O_RDWR);
	_exit(pwrite(own, zeroes, PAGE, offset) == PAGE ? 0 : errno);
}
)"},
}};

}  // namespace
}  // namespace daxbreak
