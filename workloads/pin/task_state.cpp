// SPDX-License-Identifier: GPL-2.0
#include "workloads/pin/task_state.h"

#include <fmt/format.h>

#include <cctype>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/proc.h"

namespace daxbreak {
namespace {

namespace fs = std::filesystem;

/// The state letter of the task of a folder of /proc, or 0 if it is gone.
char state_in(const fs::path& task) {
  const auto stat = process_stat(task);
  return stat ? stat->state : '\0';
}

/// Looks at every task below `folder` whose name begins with `prefix`: false if one is not asleep.
bool all_asleep(const fs::path& folder, std::string_view prefix) {
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    if (std::isdigit(static_cast<unsigned char>(at->path().filename().string().front())) == 0)
      continue;
    const auto name = read_line(at->path() / "comm");
    if (!name || !name->starts_with(prefix)) continue;
    const char state = state_in(at->path());
    // An idle worker sleeps interruptibly; one in D is in the middle of something.
    if (state != 'S' && state != 0) return false;
  }
  return true;
}

}  // namespace

char task_state(pid_t tid) {
  return state_in(fs::path(fmt::format("/proc/self/task/{}", tid)));
}

bool io_workers_idle() {
  return all_asleep("/proc/self/task", "iou-wrk") && all_asleep("/proc", "io_wqe_worker");
}

}  // namespace daxbreak
