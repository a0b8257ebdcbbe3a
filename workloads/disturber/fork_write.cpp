// SPDX-License-Identifier: GPL-2.0
// A child of the pin's owner writes to the pinned page while the breaker sleeps, and exits: a write
// fault through a mapping that fork(2) copied, and its unmapping, come and go under the pin. What
// is written is what was there.
#include <sys/mman.h>

#include <cerrno>

#include "workloads/disturber/child.h"
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

constexpr std::chrono::seconds limit{5};

Result<void> write_in_child(Scene& scene) {
  return run_in_child("write to the pinned page in a child", limit, [&scene] {
    // For mappings that may not be written; those that may are not changed.
    if (::mprotect(scene.pinned.data(), scene.pinned.size(), PROT_READ | PROT_WRITE) != 0)
      return errno;
    auto* const page = reinterpret_cast<volatile std::byte*>(scene.pinned.data());
    *page = *page;
    return 0;
  });
}

const DisturberRegistry::Add registered{{
    .name = "fork-write",
    .help = "a forked child writes to the pinned page while the breaker sleeps, and exits",
    .device_dax = true,
    .during = write_in_child,
    .recipe = {.during = R"(pid_t writer = fork();
check(writer >= 0, "fork");
if (writer == 0) {
	*(volatile char *)page = *(volatile char *)page;
	_exit(0);
}
check(waitpid(writer, NULL, 0) == writer, "waitpid");
)"},
}};

}  // namespace
}  // namespace daxbreak
