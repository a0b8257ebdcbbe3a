// SPDX-License-Identifier: GPL-2.0
// Another process maps the file's first page while the breaker sleeps, reads it by a fault, and
// exits. The waiter dropped the invalidate lock (ext4_wait_dax_page(), xfs_wait_dax_page()), so the
// fault must not wait for it: readers of a file need not suffer for one pin.
#include <sys/mman.h>

#include <cerrno>

#include "workloads/disturber/disturber.h"
#include "workloads/disturber/user_touch.h"

namespace daxbreak {
namespace {

int map_and_read(BreakTarget& target) {
  void* const page = ::mmap(nullptr, small_page, PROT_READ, MAP_SHARED, target.fd, 0);
  if (page == MAP_FAILED) return errno;
  const int failed = touch_by_kernel({static_cast<const std::byte*>(page), small_page});
  ::munmap(page, small_page);
  return failed == EFAULT ? 0 : failed;  // EFAULT: the breaker has cut the page off already
}

const DisturberRegistry::Add registered{{
    .name = "reader-fault",
    .help = "another process faults another page of the file in; it must not wait for the breaker",
    .bystander = map_and_read,
    .bystander_must_not_wait = true,
    .recipe = {.during = R"(pid_t reader = fork();
check(reader >= 0, "fork");
if (reader == 0) {
	char *first = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	if (first == MAP_FAILED)
		_exit(2);
	(void)*(volatile char *)first;
	_exit(0);
}
check(waitpid(reader, NULL, 0) == reader, "waitpid"); /* hangs here if it has to wait */
)"},
}};

}  // namespace
}  // namespace daxbreak
