// SPDX-License-Identifier: GPL-2.0
#include "workloads/pin/holder_process.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <limits>

#include "base/proc.h"

namespace daxbreak {
namespace {

constexpr std::chrono::seconds limit{10};
constexpr std::chrono::microseconds step{200};

}  // namespace

HolderProcess::HolderProcess(std::vector<int> keeps, Body body)
    : body_(std::move(body)), stack_(std::make_unique<std::byte[]>(stack_size)) {
  std::sort(keeps.begin(), keeps.end());
  unsigned next = 0;
  for (const int keep : keeps) {
    const auto kept = static_cast<unsigned>(keep);
    if (kept > next) closes_.emplace_back(next, kept - 1);
    next = kept + 1;
  }
  closes_.emplace_back(next, std::numeric_limits<unsigned>::max());
}

Result<std::unique_ptr<HolderProcess>> HolderProcess::start(std::vector<int> keeps, Body body) {
  std::unique_ptr<HolderProcess> made(new HolderProcess(std::move(keeps), std::move(body)));
  made->pid_ = ::clone(&run, made->stack_.get() + stack_size, CLONE_VM | SIGCHLD, made.get());
  if (made->pid_ < 0) return errno_error("make a process that shares our memory");
  return made;
}

int HolderProcess::run(void* self) {
  auto& process = *static_cast<HolderProcess*>(self);
  ::syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  // Whoever waits for the last reference to a file, or for the end of a pipe, must not wait for us.
  for (const auto& [first, last] : process.closes_)
    if (::syscall(SYS_close_range, first, last, 0) != 0) return errno;
  return process.body_();
}

HolderProcess::~HolderProcess() {
  if (pid_ < 0) return;
  kill();
  // One that cannot end still stands on its stack.
  if (!wait()) static_cast<void>(stack_.release());
}

char HolderProcess::state() const {
  const auto stat = process_stat(pid_);
  return stat ? stat->state : '\0';
}

Result<void> HolderProcess::await(const std::atomic<bool>& flag, const char* doing) {
  const Deadline deadline(limit);
  while (!flag) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return Error{doing, WIFEXITED(status) ? WEXITSTATUS(status) : EOWNERDEAD};
    }
    if (deadline.passed()) return Error{doing, ETIMEDOUT};
    sleep_for(step);
  }
  return ok();
}

void HolderProcess::kill() {
  if (pid_ >= 0) ::kill(pid_, SIGKILL);
}

Result<int> HolderProcess::wait() {
  const Deadline deadline(limit);
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (ended < 0 && errno != EINTR) return errno_error("wait for the process that holds the page");
    if (deadline.passed()) return Error{"wait for the process that holds the page", ETIMEDOUT};
    sleep_for(step);
  }
}

}  // namespace daxbreak
