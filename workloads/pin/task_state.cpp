// SPDX-License-Identifier: GPL-2.0
#include "workloads/pin/task_state.h"

#include <fmt/format.h>

#include <cctype>
#include <filesystem>
#include <string>

#include "base/file.h"

namespace daxbreak {
namespace {

namespace fs = std::filesystem;

char state_in(const fs::path& stat_file) {
  auto stat = read_file(stat_file);
  if (!stat) return 0;
  // "pid (comm) S ...": comm may hold anything, so look from its end.
  const auto end = stat->rfind(") ");
  return end == std::string::npos || end + 2 >= stat->size() ? '\0' : (*stat)[end + 2];
}

/// Looks at every task below `folder` whose name begins with `prefix`: false if one is not asleep.
bool all_asleep(const fs::path& folder, std::string_view prefix) {
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    if (std::isdigit(static_cast<unsigned char>(at->path().filename().string().front())) == 0)
      continue;
    const auto name = read_line(at->path() / "comm");
    if (!name || !name->starts_with(prefix)) continue;
    const char state = state_in(at->path() / "stat");
    // An idle worker sleeps interruptibly; one in D is in the middle of something.
    if (state != 'S' && state != 0) return false;
  }
  return true;
}

}  // namespace

char task_state(pid_t tid) {
  return state_in(fmt::format("/proc/self/task/{}/stat", tid));
}

bool io_workers_idle() {
  return all_asleep("/proc/self/task", "iou-wrk") && all_asleep("/proc", "io_wqe_worker");
}

}  // namespace daxbreak
