// SPDX-License-Identifier: GPL-2.0
// The breaker is frozen and thawed by the cgroup v2 freezer while it waits. Freezing wakes an
// interruptible sleeper as a signal does (kernel/cgroup/freezer.c, cgroup_freeze_task()); thawed,
// the call is begun anew, finds the page still busy and must wait again.
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "workloads/disturber/breaker_signal.h"
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

// A mount of its own: the lab's guests have no cgroup2 mounted. One trial at a time.
constexpr const char* root = "/run/daxbreak-cgroup2";
constexpr const char* group = "/run/daxbreak-cgroup2/daxbreak";
constexpr const char* members = "/run/daxbreak-cgroup2/daxbreak/cgroup.procs";
constexpr const char* freezer = "/run/daxbreak-cgroup2/daxbreak/cgroup.freeze";
constexpr const char* events = "/run/daxbreak-cgroup2/daxbreak/cgroup.events";

constexpr std::chrono::milliseconds frozen{20};
constexpr std::chrono::seconds limit{5};

Result<void> make_group(Scene&) {
  if (::mkdir(root, 0700) != 0 && errno != EEXIST)
    return errno_error(fmt::format("mkdir {}", root));
  if (::mount("cgroup2", root, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
    return errno_error(fmt::format("mount cgroup2 on {}", root));
  if (::mkdir(group, 0700) != 0 && errno != EEXIST)
    return errno_error(fmt::format("mkdir {}", group));
  return ok();
}

/// Sets cgroup.freeze and waits until cgroup.events says that it is so.
Result<void> freeze(bool on) {
  if (auto told = write_file(freezer, on ? "1" : "0"); !told) return told;
  const Deadline deadline(limit);
  const std::string wanted = on ? "frozen 1" : "frozen 0";
  for (;;) {
    auto now = read_file(events);
    if (!now) return now.error();
    if (now->find(wanted) != std::string::npos) return ok();
    if (deadline.passed()) return Error{on ? "freeze the breaker" : "thaw the breaker", ETIMEDOUT};
    sleep_for(std::chrono::milliseconds(1));
  }
}

Result<void> freeze_and_thaw(Scene& scene) {
  const auto joined = write_file(members, fmt::to_string(scene.breaker));
  if (!joined) return joined;
  if (auto cold = freeze(true); !cold) {
    static_cast<void>(freeze(false));
    return cold;
  }
  sleep_for(frozen);
  if (auto warm = freeze(false); !warm) return warm;
  await_sleep(scene.breaker, limit);
  return ok();
}

Result<void> remove_group(Scene&) {
  const Deadline deadline(limit);
  // A breaker that has just ended may still be in the group; a killed trial's dies with it.
  while (::rmdir(group) != 0 && errno != ENOENT) {
    if (errno != EBUSY || deadline.passed()) return errno_error(fmt::format("rmdir {}", group));
    sleep_for(std::chrono::milliseconds(1));
  }
  if (::umount2(root, 0) != 0 && errno != EINVAL && errno != ENOENT)
    return errno_error(fmt::format("unmount {}", root));
  if (::rmdir(root) != 0 && errno != ENOENT) return errno_error(fmt::format("rmdir {}", root));
  return ok();
}

const DisturberRegistry::Add registered{{
    .name = "cgroup-freeze",
    .help = "the cgroup v2 freezer freezes the sleeping breaker for 20 ms; it must go on waiting",
    .needs_mapping = false,
    .lab_only = true,
    .before = make_group,
    .during = freeze_and_thaw,
    .after = remove_group,
    .recipe = {.functions = R"(static void disturb_write(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	check(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), file);
	close(fd);
}
)",
               .during = R"(char breaker_id[16];
/* wants cgroup2 at the usual place: mount -t cgroup2 cgroup2 /sys/fs/cgroup */
snprintf(breaker_id, sizeof(breaker_id), "%d", (int)breaker);
check(mkdir("/sys/fs/cgroup/frozen", 0755) == 0 || errno == EEXIST, "mkdir");
disturb_write("/sys/fs/cgroup/frozen/cgroup.procs", breaker_id);
disturb_write("/sys/fs/cgroup/frozen/cgroup.freeze", "1");
usleep(20000);
disturb_write("/sys/fs/cgroup/frozen/cgroup.freeze", "0");
)"},
}};

}  // namespace
}  // namespace daxbreak
