// SPDX-License-Identifier: GPL-2.0
#include "workloads/disturber/child.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/fd.h"

namespace daxbreak {

Result<void> run_in_child(const std::string& doing, Nanos limit, const std::function<int()>& work) {
  const Deadline deadline(limit);
  const pid_t child = ::fork();
  if (child < 0) return errno_error(doing + ": fork");
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::_exit(work());
  }
  const Fd handle(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  pollfd ended{.fd = handle.get(), .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = handle ? ::poll(&ended, 1, deadline.left_ms()) : -1;
  } while (handle && ready < 0 && errno == EINTR);
  if (ready <= 0) {
    // One that does not die either is left behind: waiting for it would hang the trial.
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, WNOHANG);
    return Error{doing + ": the child does not end", ETIMEDOUT};
  }
  int status = 0;
  pid_t reaped = 0;
  do {
    reaped = ::waitpid(child, &status, 0);
  } while (reaped < 0 && errno == EINTR);
  if (reaped < 0) return errno_error(doing + ": wait for the child");
  if (WIFSIGNALED(status))
    return Error{fmt::format("{}: signal {} ended the child", doing, WTERMSIG(status))};
  if (WEXITSTATUS(status) != 0) return Error{doing, WEXITSTATUS(status)};
  return ok();
}

}  // namespace daxbreak
