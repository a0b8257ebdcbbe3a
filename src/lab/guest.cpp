// SPDX-License-Identifier: GPL-2.0
#include "lab/guest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "lab/guest_exec.h"
#include "lab/guest_runner.h"
#include "lab/guest_setup.h"
#include "lab/initramfs.h"
#include "lab/protocol.h"

namespace daxbreak {
namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto device_limit = seconds(20);
constexpr auto beat = seconds(1);

unsigned number(const std::string& text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Error words for the console, which the host keeps; level 3 is below every sensible loglevel.
void say(const std::string& text) {
  const Fd log(::open("/dev/kmsg", O_WRONLY | O_CLOEXEC));
  const auto line = "<3>daxbreak: " + text;
  if (!log || !write_all(log.get(), line)) ::perror(line.c_str());
}

/// Writes dirty pages back, unless that hangs: a filesystem may well be stuck here.
void sync_for(Nanos limit) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::sync();
    ::_exit(0);
  }
  const Deadline deadline(limit);
  while (child > 0 && ::waitpid(child, nullptr, WNOHANG) == 0 && !deadline.passed())
    sleep_for(milliseconds(10));
}

int power_off() {
  sync_for(seconds(5));
  ::reboot(RB_POWER_OFF);
  return 1;
}

/// PID 1's loop in run mode.
class Relay {
 public:
  Relay(Fd port, Fd lines, Fd children, pid_t runner)
      : port_(std::move(port)),
        lines_(std::move(lines)),
        children_(std::move(children)),
        runner_(runner) {}

  /// Until the runner has ended.
  void run() {
    std::int64_t next_ns = now_ns();
    while (runner_ > 0) {
      if (now_ns() >= next_ns) {
        send(Alive{.sequence = sequence_++, .uptime = uptime()});
        next_ns = now_ns() + Nanos(beat).count();
      }
      const Deadline deadline(Nanos(next_ns - now_ns()));
      std::array<pollfd, 2> waits = {{{.fd = lines_.get(), .events = POLLIN, .revents = 0},
                                      {.fd = children_.get(), .events = POLLIN, .revents = 0}}};
      if (::poll(waits.data(), waits.size(), deadline.left_ms()) < 0 && errno != EINTR) break;
      relay();
      reap();
    }
  }

 private:
  void send(const Message& message) {
    if (const auto sent = write_all(port_.get(), encode(message)); !sent)
      say("port: " + sent.error().message());
  }

  /// Hands on what lines the runner has written. Not until end of file: its children hold the
  /// pipe too, and one of them may be stuck for ever.
  void relay() {
    std::array<char, 65536> chunk{};
    for (;;) {
      const ssize_t got = ::read(lines_.get(), chunk.data(), chunk.size());
      if (got <= 0) return;  // nothing now (the pipe is non-blocking), or nobody writes any more
      for (const auto& line : reader_.take({chunk.data(), static_cast<std::size_t>(got)}))
        if (!write_all(port_.get(), line + "\n")) return;
    }
  }

  void reap() {
    signalfd_siginfo info{};
    while (::read(children_.get(), &info, sizeof info) > 0) {
    }
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      if (pid != runner_) continue;
      runner_ = -1;
      relay();
      if (WIFSIGNALED(status))
        send(Done{fmt::format("the runner was ended by signal {}", WTERMSIG(status))});
      else if (WEXITSTATUS(status) != 0)
        send(Done{fmt::format("the runner ended with status {}", WEXITSTATUS(status))});
    }
  }

  Fd port_;
  Fd lines_;
  Fd children_;
  pid_t runner_;
  LineReader reader_;
  std::uint64_t sequence_ = 0;
};

Result<void> run_mode(std::map<std::string, double> phases, Fd port) {
  utsname kernel{};
  ::uname(&kernel);
  if (const auto sent = write_all(port.get(), encode(Hello{kernel.release, std::move(phases)}));
      !sent)
    return sent.error();

  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make the runner's pipe");
  Fd lines(ends[0]);
  Fd runner_end(ends[1]);
  ::fcntl(lines.get(), F_SETFL, O_NONBLOCK);

  sigset_t child_ended;
  sigset_t before;
  ::sigemptyset(&child_ended);
  ::sigaddset(&child_ended, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child_ended, &before);
  Fd children(::signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!children) return errno_error("signalfd");

  const pid_t runner = ::fork();
  if (runner < 0) return errno_error("fork the runner");
  if (runner == 0) {
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    ::setsid();
    ::_exit(serve_plans(port.get(), runner_end.get()));
  }
  runner_end.reset();
  Relay(std::move(port), std::move(lines), std::move(children), runner).run();
  return ok();
}

/// Makes the mounts in a child: what the pmem code runs must not be reaped by us.
void provision_for_shell() {
  const pid_t child = ::fork();
  if (child == 0) {
    Provisioner provisioner;
    for (const auto& trouble : provisioner.provide({"ext4", "xfs"}))
      fmt::print("{}\n", trouble);
    for (const auto& directory : provisioner.directories())
      fmt::print("{} on {}, DAX, {}\n", directory.path.string(), directory.device,
                 directory.filesystem);
    ::fflush(stdout);
    ::_exit(0);
  }
  while (child > 0 && ::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

[[noreturn]] void become_shell(const std::string& command_line) {
  ::setsid();
  // The controlling terminal, for job control and Ctrl-C, must be the serial line: /dev/console
  // cannot be one (drivers/tty/tty_io.c, tty_open).
  const int tty = ::open("/dev/ttyS0", O_RDWR);
  if (tty >= 0) {
    ::ioctl(tty, TIOCSCTTY, 1);
    const auto rows = number(boot_parameter(command_line, "daxbreak.rows", "0"));
    const auto columns = number(boot_parameter(command_line, "daxbreak.columns", "0"));
    winsize size{};
    size.ws_row = static_cast<unsigned short>(rows);
    size.ws_col = static_cast<unsigned short>(columns);
    if (rows > 0 && columns > 0) ::ioctl(tty, TIOCSWINSZ, &size);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      ::dup2(tty, standard);
  }
  ::setenv("TERM", "linux", 0);
  ::setenv("HOME", "/root", 1);
  ::setenv("PS1", "\\h:\\w# ", 1);
  ::execl("/bin/busybox", "sh", "-i", nullptr);
  ::execl("/bin/sh", "sh", "-i", nullptr);
  ::perror("start a shell");
  ::_exit(1);
}

Result<void> shell_mode(const std::string& command_line) {
  provision_for_shell();
  const pid_t shell = ::fork();
  if (shell < 0) return errno_error("fork the shell");
  if (shell == 0) become_shell(command_line);
  for (;;) {
    const pid_t ended = ::waitpid(-1, nullptr, 0);
    if (ended == shell) return ok();
    if (ended < 0 && errno != EINTR) return errno_error("wait for the shell");
  }
}

Result<void> be_guest() {
  std::map<std::string, double> phases = {{"init", uptime()}};
  if (auto mounted = mount_kernel_filesystems(); !mounted) return mounted;
  const auto command_line = read_line("/proc/cmdline");
  if (!command_line) return command_line.error();
  const auto parameter = [&](std::string_view name, std::string_view otherwise) {
    return boot_parameter(*command_line, name, otherwise);
  };
  tune_kernel(parameter("daxbreak.slow", "0") == "1");
  if (::access(guest_module_list, F_OK) == 0)
    for (const auto& trouble : load_modules(guest_module_list))
      say(trouble);
  mount_module_filesystems();
  phases["modules"] = uptime();

  const std::string mode = parameter("daxbreak.mode", "run");
  const bool shell = mode == "shell";
  Fd port;
  if (!shell) {
    auto opened = open_port(device_limit);
    if (!opened) return opened.error();
    port = *std::move(opened);
  }
  const auto pmem = wait_for_pmem(number(parameter("daxbreak.nvdimms", "1")), device_limit);
  phases["pmem"] = uptime();
  if (shell) {
    if (!pmem) say(pmem.error().message());
    return shell_mode(*command_line);
  }
  if (mode == "exec") {
    if (!pmem) say(pmem.error().message());
    return exec_mode(std::move(port), parameter("daxbreak.filesystem", "ext4"));
  }
  if (!pmem) {
    const auto sent =
        write_all(port.get(), encode(GuestLog{.error = true, .text = pmem.error().message()}));
    return sent ? pmem : sent;
  }
  return run_mode(std::move(phases), std::move(port));
}

}  // namespace

bool is_guest_init() {
  // A kernel with all built in has no list of modules, and /proc is not mounted yet: what is left
  // is the path under which the kernel started us (init/main.c, kernel_init()).
  // NOLINTNEXTLINE(performance-no-int-to-ptr): getauxval(3) returns the pointer as a number.
  const auto* const path = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  return ::getpid() == 1 && path != nullptr && std::string_view(path) == "/init";
}

int guest_main() {
  // A child's library may look for programs and for its temporary files.
  ::setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
  ::setenv("TMPDIR", "/tmp", 1);
  constexpr std::string_view host_name = "daxbreak";
  ::sethostname(host_name.data(), host_name.size());
  if (const auto done = be_guest(); !done)
    say(std::string(guest_gives_up) + done.error().message());
  return power_off();
}

}  // namespace daxbreak
