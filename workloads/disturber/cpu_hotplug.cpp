// SPDX-License-Identifier: GPL-2.0
// A processor goes and comes back while the breaker sleeps: sleepers are moved, timers and per-CPU
// work of a held I/O too.
#include <cerrno>

#include "base/file.h"
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

// CPU 0 cannot go on most machines; a machine with one processor has no such file.
constexpr const char* online = "/sys/devices/system/cpu/cpu1/online";

Result<void> off_and_on(Scene&) {
  if (auto off = write_file(online, "0"); !off) return off;
  return write_file(online, "1");
}

Result<void> see_to_online(Scene&) {
  const auto now = read_line(online);
  if (!now || *now != "0") return ok();
  return write_file(online, "1");
}

Result<void> look(Scene&) {
  if (auto now = read_line(online); !now)
    return Error{"take processor 1 offline: there is none that can go", ENOSYS};
  return ok();
}

const DisturberRegistry::Add registered{{
    .name = "cpu-hotplug",
    .help = "processor 1 goes offline and comes back while the breaker sleeps",
    .needs_mapping = false,
    .lab_only = true,
    .before = look,
    .during = off_and_on,
    .after = see_to_online,
    .recipe = {.during = R"(int cpu = open("/sys/devices/system/cpu/cpu1/online", O_WRONLY);
check(cpu >= 0 && write(cpu, "0", 1) == 1, "take processor 1 offline");
check(write(cpu, "1", 1) == 1, "take processor 1 online");
close(cpu);
)"},
}};

}  // namespace
}  // namespace daxbreak
