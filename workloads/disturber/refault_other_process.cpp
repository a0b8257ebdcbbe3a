// SPDX-License-Identifier: GPL-2.0
// Another process maps the file while the breaker sleeps, faults all of it in, the pinned page
// among it, and ends a while later. Usually the pin is released in between: then, where mappings
// count (6.15 and later), the last reference is the mapping's, and it is the dying process's
// unmapping that has to wake the breaker. Its stay is bounded, and shorter than the time that a
// breaker has after the last release: a mapping that nobody ever removes is what `refault` makes.
#include <cerrno>

#include "base/clock.h"
#include "workloads/disturber/disturber.h"
#include "workloads/disturber/user_touch.h"

namespace daxbreak {
namespace {

constexpr std::chrono::milliseconds stay{100};

int map_and_stay(BreakTarget& target) {
  auto mapping = FileMapping::map(target.fd, target.file_size < huge_page ? small_page : huge_page);
  if (!mapping) {
    // The file is shorter already: the breaker has got its way before this process could begin.
    return mapping.error().number == EINVAL ? 0 : mapping.error().number;
  }
  const int failed = touch_by_kernel({mapping->data(), mapping->size()});
  if (failed != 0 && failed != EFAULT) return failed;  // EFAULT: it became shorter now
  sleep_for(stay);
  return 0;
}

const DisturberRegistry::Add registered{{
    .name = "refault-other-process",
    .help =
        "a second process maps the file, faults the page in while the breaker sleeps, and exits "
        "100 ms later",
    .bystander = map_and_stay,
    .recipe = {.during = R"(pid_t other = fork();
check(other >= 0, "fork");
if (other == 0) {
	/* not the pin's descriptors, and a mapping of its own */
	munmap(map, file_size);
	syscall(SYS_close_range, 3, ~0U, 0);
	int own = open(path, O_RDWR);
	char *again = mmap(NULL, file_size, PROT_READ, MAP_SHARED, own, 0);
	if (own < 0 || again == MAP_FAILED)
		_exit(2);
	(void)*(volatile char *)(again + (page - map));
	usleep(100000);
	_exit(0);
}
)"},
}};

}  // namespace
}  // namespace daxbreak
