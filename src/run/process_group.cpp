// SPDX-License-Identifier: GPL-2.0
#include "run/process_group.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <charconv>
#include <csignal>
#include <filesystem>
#include <sstream>

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"

namespace daxbreak {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Whether a thread of a process still runs. Its first one may be a zombie while another is stuck
/// in the kernel: /proc/PID/stat then says Z, and waitpid(2) does not reap it
/// (kernel/exit.c, delay_group_leader()).
bool has_living_thread(const fs::path& process) {
  std::error_code failed;
  for (fs::directory_iterator at(process / "task", failed), end; !failed && at != end;
       at.increment(failed))
    if (const auto stat = process_stat(at->path()); stat && !stat->ended()) return true;
  return false;
}

}  // namespace

std::vector<pid_t> members(pid_t group) {
  std::vector<pid_t> found;
  std::error_code failed;
  for (fs::directory_iterator at("/proc", failed), end; !failed && at != end;
       at.increment(failed)) {
    const std::string name = at->path().filename();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc{}) continue;
    const auto stat = process_stat(at->path());
    if (!stat || stat->group != group) continue;
    if (!stat->ended() || has_living_thread(at->path())) found.push_back(pid);
  }
  return found;
}

std::vector<std::string> stacks_of(const std::vector<pid_t>& pids) {
  std::vector<std::string> lines;
  for (const pid_t pid : pids) {
    // Stepped by hand: a process that ends meanwhile makes operator++ throw.
    std::error_code failed;
    for (fs::directory_iterator task(fmt::format("/proc/{}/task", pid), failed), end;
         !failed && task != end; task.increment(failed)) {
      const auto where = read_line(task->path() / "wchan");
      lines.push_back(fmt::format("task {} of process {}: waits in {}",
                                  task->path().filename().string(), pid, where ? *where : "?"));
      if (auto stack = read_file(task->path() / "stack")) {
        std::istringstream frames(*stack);
        for (std::string frame; std::getline(frames, frame);)
          lines.push_back("  " + frame);
      }
    }
  }
  return lines;
}

bool end_group(pid_t group, Gate* shut, Nanos limit) {
  const Deadline deadline(limit);
  ::kill(-group, SIGKILL);
  if (shut != nullptr) static_cast<void>(shut->open());
  for (;;) {
    ::kill(-group, SIGKILL);
    while (::waitpid(-group, nullptr, WNOHANG) > 0) {
    }
    if (members(group).empty()) return true;
    if (deadline.passed()) return false;
    sleep_for(milliseconds(5));
  }
}

}  // namespace daxbreak
