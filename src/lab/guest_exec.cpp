// SPDX-License-Identifier: GPL-2.0
#include "lab/guest_exec.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "lab/frames.h"
#include "lab/guest_runner.h"

namespace daxbreak {
namespace {

constexpr int cannot_execute = 127;
constexpr auto goodbye = std::chrono::seconds(5);

struct Pipe {
  Fd read;
  Fd write;

  static Result<Pipe> make() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make a pipe");
    return Pipe{Fd(ends[0]), Fd(ends[1])};
  }
};

/// Makes the mount in a child: what the pmem code runs must not be reaped by PID 1.
Result<void> provision(const std::string& filesystem) {
  auto said = Pipe::make();
  if (!said) return said.error();
  const pid_t child = ::fork();
  if (child < 0) return errno_error("fork");
  if (child == 0) {
    Provisioner provisioner;
    for (const std::string& trouble : provisioner.provide({filesystem}))
      static_cast<void>(write_all(said->write.get(), trouble + "\n"));
    ::_exit(0);
  }
  said->write.reset();
  std::string troubles;
  std::array<char, 4096> chunk{};
  for (ssize_t got = 0; (got = ::read(said->read.get(), chunk.data(), chunk.size())) > 0;)
    troubles.append(chunk.data(), static_cast<std::size_t>(got));
  ::waitpid(child, nullptr, 0);
  if (troubles.empty()) return ok();
  troubles.pop_back();
  return Error{troubles};
}

[[noreturn]] void become_command(std::string& words, const std::string& mount, const Pipe& output,
                                 const Pipe& error) {
  ::setsid();
  std::vector<char*> argv;
  for (std::size_t at = 0; at < words.size(); at = words.find('\0', at) + 1)
    argv.push_back(&words[at]);
  argv.push_back(nullptr);
  const char* const path = std::getenv("PATH");
  ::setenv("PATH", fmt::format("{}:{}", guest_put_folder, path == nullptr ? "" : path).c_str(), 1);
  ::setenv("HOME", "/root", 1);
  ::setenv("DAXBREAK_MOUNT", mount.c_str(), 1);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output.write.get(), STDOUT_FILENO);
  ::dup2(error.write.get(), STDERR_FILENO);
  if (::chdir(mount.c_str()) != 0) ::perror(mount.c_str());
  ::execvp(argv[0], argv.data());
  ::perror(argv[0]);
  ::_exit(cannot_execute);
}

/// Hands on what there is; closes the pipe at its end.
Result<void> relay(Fd& from, FrameKind kind, int port) {
  std::array<char, 65536> chunk{};
  for (;;) {
    const ssize_t got = ::read(from.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) from.reset();
    if (got <= 0) return ok();
    auto sent = write_all(
        port, encode(Frame{kind, std::string(chunk.data(), static_cast<std::size_t>(got))}));
    if (!sent) return sent;
  }
}

/// Until the command has ended; not until its pipes have, for its children may be stuck for ever.
Result<int> follow(pid_t command, Fd output, Fd error, int port) {
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, command, 0)));
  if (!process) return errno_error("pidfd_open the command");
  for (const Fd* pipe : {&output, &error})
    ::fcntl(pipe->get(), F_SETFL, O_NONBLOCK);
  for (bool ended = false; !ended;) {
    std::array<pollfd, 3> waits = {
        {{.fd = process.get(), .events = POLLIN, .revents = 0},
         {.fd = output ? output.get() : -1, .events = POLLIN, .revents = 0},
         {.fd = error ? error.get() : -1, .events = POLLIN, .revents = 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return errno_error("poll");
    ended = waits[0].revents != 0;
    if (output)
      if (auto sent = relay(output, FrameKind::output, port); !sent) return sent.error();
    if (error)
      if (auto sent = relay(error, FrameKind::error, port); !sent) return sent.error();
  }
  int status = 0;
  if (::waitpid(command, &status, 0) != command) return errno_error("wait for the command");
  constexpr int by_signal = 128;
  return WIFSIGNALED(status) ? by_signal + WTERMSIG(status) : WEXITSTATUS(status);
}

Result<int> run_command_of_host(int port, const std::string& filesystem) {
  auto words = read_file(guest_command_file);
  if (!words) return words.error();
  if (words->empty()) return Error{"there is no command"};
  if (auto provisioned = provision(filesystem); !provisioned) return provisioned.error();
  auto output = Pipe::make();
  if (!output) return output.error();
  auto error = Pipe::make();
  if (!error) return error.error();
  if (auto sent = write_all(port, encode(Frame{FrameKind::begun, ""})); !sent) return sent.error();
  const pid_t command = ::fork();
  if (command < 0) return errno_error("fork the command");
  if (command == 0) become_command(*words, "/mnt/" + filesystem, *output, *error);
  output->write.reset();
  error->write.reset();
  return follow(command, std::move(output->read), std::move(error->read), port);
}

}  // namespace

Result<void> exec_mode(Fd port, const std::string& filesystem) {
  const auto status = run_command_of_host(port.get(), filesystem);
  const Frame last = status ? Frame{FrameKind::status, std::to_string(*status)}
                            : Frame{FrameKind::failed, status.error().message()};
  if (auto sent = write_all(port.get(), encode(last)); !sent) return sent;
  // The host ends this machine when it has read that.
  sleep_for(goodbye);
  return ok();
}

}  // namespace daxbreak
