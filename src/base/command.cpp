// SPDX-License-Identifier: GPL-2.0
#include "base/command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/fd.h"
#include "base/units.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;

/// The other end of the fork: only async-signal-safe calls from here to exec.
[[noreturn]] void become(const char* program, char* const* argv, int null_fd, int out_fd,
                         int failed_fd) {
  setpgid(0, 0);
  // If we are killed the program must not go on without us.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  dup2(null_fd, STDIN_FILENO);
  dup2(out_fd, STDOUT_FILENO);
  dup2(out_fd, STDERR_FILENO);
  execv(program, argv);
  const int number = errno;
  // Nothing can be done if this write fails: the parent then sees exit status 127.
  [[maybe_unused]] const ssize_t put = write(failed_fd, &number, sizeof number);
  _exit(127);
}

/// Appends what is in the pipe now. False at its end.
bool read_some(int fd, std::string& text) {
  std::array<char, 16384> chunk{};
  for (;;) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got > 0) {
      text.append(chunk.data(), static_cast<std::size_t>(got));
    } else if (got == 0) {
      return false;
    } else if (errno != EINTR) {
      return errno == EAGAIN;
    }
  }
}

/// Takes the child's status if it ended within `limit`.
std::optional<int> reap(pid_t child, Nanos limit) {
  const Deadline deadline(limit);
  for (;;) {
    int status = 0;
    const pid_t got = waitpid(child, &status, WNOHANG);
    if (got == child) return status;
    if (got < 0 && errno != EINTR) return 0;
    if (deadline.passed()) return std::nullopt;
    sleep_for(2ms);
  }
}

/// Kills a program and all it started; whether the program itself ended within `limit`.
bool end_group(pid_t leader, Nanos limit) {
  kill(-leader, SIGKILL);
  if (!reap(leader, limit)) return false;
  // What it started dies beside it: the caller may be about to remove what that still writes to.
  // Not for long, as zombies count where nobody adopts them.
  const Deadline deadline(200ms);
  while (kill(-leader, 0) == 0 && !deadline.passed())
    sleep_for(2ms);
  return true;
}

int exit_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<CommandOutput> run_command(const std::vector<std::string>& argv, Nanos limit,
                                  const std::stop_token& stop) {
  if (argv.empty()) return Error{"run a program without a name", EINVAL};
  const std::string program = find_program(argv.front());
  if (program.empty()) return Error{fmt::format("{} is not installed", argv.front()), 0};

  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("pipe for " + argv.front());
  const Fd out(ends[0]);
  Fd out_child(ends[1]);
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("pipe for " + argv.front());
  const Fd failed(ends[0]);
  Fd failed_child(ends[1]);
  const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null) return errno_error("open /dev/null");
  fcntl(out.get(), F_SETFL, O_NONBLOCK);

  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);

  const Error stopped{argv.front() + " was stopped", ECANCELED};
  if (stop.stop_requested()) return stopped;
  const Fd stopping(stop.stop_possible() ? eventfd(0, EFD_CLOEXEC) : -1);
  if (stop.stop_possible() && !stopping) return errno_error("eventfd for " + argv.front());
  const std::stop_callback wake(stop, [&stopping] { eventfd_write(stopping.get(), 1); });

  const Deadline deadline(limit);
  const pid_t child = fork();
  if (child < 0) return errno_error("fork for " + argv.front());
  if (child == 0)
    become(program.c_str(), words.data(), null.get(), out_child.get(), failed_child.get());
  setpgid(child, child);  // also here, so that killing the group cannot come too early
  out_child.reset();
  failed_child.reset();

  int number = 0;
  if (::read(failed.get(), &number, sizeof number) == sizeof number) {
    reap(child, 1s);
    return Error{"run " + program, number};
  }

  // A program may leave a daemon behind that keeps the pipe open: its own end is what we wait for.
  // By number: glibc 2.36's <sys/pidfd.h> does not declare its functions extern "C".
  const Fd ended(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  CommandOutput output;
  bool open = true;
  for (;;) {
    std::array<pollfd, 3> watch{{{.fd = open ? out.get() : -1, .events = POLLIN, .revents = 0},
                                 {.fd = ended.get(), .events = POLLIN, .revents = 0},
                                 {.fd = stopping.get(), .events = POLLIN, .revents = 0}}};
    // Without pidfds (kernels before 5.3) the pipe's end or a tick has to tell.
    const int tick = ended ? deadline.left_ms() : std::min(deadline.left_ms(), 20);
    const int ready = poll(watch.data(), watch.size(), tick);
    if (ready < 0 && errno != EINTR) return errno_error("wait for " + argv.front());
    if (open) open = read_some(out.get(), output.text);
    if (const auto status = reap(child, 0ns)) {
      if (open) read_some(out.get(), output.text);
      output.exit_status = exit_status(*status);
      return output;
    }
    if (stop.stop_requested() || deadline.passed()) break;
  }
  const bool reaped = end_group(child, stop.stop_requested() ? 1s : 2s);
  if (stop.stop_requested()) return stopped;
  if (!reaped)
    return Error{fmt::format("{} did not end within {} and cannot be killed", argv.front(),
                             format_time(limit))};
  return Error{fmt::format("{} did not end within {}", argv.front(), format_time(limit)),
               ETIMEDOUT};
}

Result<std::string> require_command(const std::vector<std::string>& argv, Nanos limit,
                                    const std::stop_token& stop) {
  auto output = run_command(argv, limit, stop);
  if (!output) return output.error();
  if (output->exit_status == 0) return std::move(output->text);
  std::string_view said = output->text;
  const auto last = said.find_last_not_of(" \t\r\n");
  said = last == std::string_view::npos ? "it said nothing" : said.substr(0, last + 1);
  if (const auto line = said.find_last_of("\r\n"); line != std::string_view::npos)
    said.remove_prefix(line + 1);
  return Error{
      fmt::format("{} failed with status {}: {}", fmt::join(argv, " "), output->exit_status, said)};
}

std::string find_program(const std::string& name) {
  if (name.empty()) return {};
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0 ? name : "";
  const char* path = std::getenv("PATH");
  // Ordinary users' PATH lacks the sbin folders where mkfs, ndctl and modprobe live.
  std::string folders = path == nullptr ? "" : path;
  folders += ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  for (std::size_t at = 0; at <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', at), folders.size());
    if (end > at) {
      const std::string full = folders.substr(at, end - at) + "/" + name;
      if (access(full.c_str(), X_OK) == 0) return full;
    }
    at = end + 1;
  }
  return {};
}

}  // namespace daxbreak
