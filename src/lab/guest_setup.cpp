// SPDX-License-Identifier: GPL-2.0
#include "lab/guest_setup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "lab/protocol.h"

namespace daxbreak {
namespace {
namespace fs = std::filesystem;
using std::chrono::milliseconds;

struct KernelMount {
  const char* type;
  const char* where;
  bool required;
};

// Parents before children.
constexpr std::array kernel_mounts = {
    KernelMount{"proc", "/proc", true},
    KernelMount{"sysfs", "/sys", true},
    KernelMount{"devtmpfs", "/dev", true},
    KernelMount{"devpts", "/dev/pts", false},
    KernelMount{"tmpfs", "/dev/shm", false},
    KernelMount{"tmpfs", "/run", true},
    KernelMount{"tmpfs", "/tmp", true},
    KernelMount{"debugfs", "/sys/kernel/debug", false},
    KernelMount{"tracefs", "/sys/kernel/tracing", false},
    KernelMount{"configfs", "/sys/kernel/config", false},
    KernelMount{"bpf", "/sys/fs/bpf", false},
};

/// True if it is mounted now, or was before (EBUSY: CONFIG_DEVTMPFS_MOUNT, an earlier call).
bool mount_one(const KernelMount& entry) {
  std::error_code ignored;
  fs::create_directories(entry.where, ignored);
  return ::mount(entry.type, entry.where, entry.type, 0, nullptr) == 0 || errno == EBUSY;
}

void take_console() {
  const Fd console(::open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!console) return;
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::dup2(console.get(), standard);
}

void raise_loopback() {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  ::ioctl(socket.get(), SIOCSIFFLAGS, &request);
}

unsigned count_pmem() {
  unsigned count = 0;
  std::error_code failed;
  for (fs::directory_iterator at("/sys/block", failed), end; !failed && at != end;
       at.increment(failed))
    if (at->path().filename().string().starts_with("pmem")) ++count;
  return count;
}

/// The device node of the port with our name, or "".
fs::path find_port() {
  std::error_code failed;
  for (fs::directory_iterator at("/sys/class/virtio-ports", failed), end; !failed && at != end;
       at.increment(failed)) {
    const auto name = read_line(at->path() / "name");
    if (name && *name == port_name) return fs::path("/dev") / at->path().filename();
  }
  return {};
}

}  // namespace

std::string boot_parameter(std::string_view command_line, std::string_view name,
                           std::string_view otherwise) {
  std::string value(otherwise);
  while (!command_line.empty()) {
    const auto end = command_line.find_first_of(" \t\n");
    const auto word = command_line.substr(0, end);
    const auto equals = word.find('=');
    // The last one counts, so that --append can override.
    if (equals != std::string_view::npos && word.substr(0, equals) == name)
      value = word.substr(equals + 1);
    if (end == std::string_view::npos) break;
    command_line.remove_prefix(end + 1);
  }
  return value;
}

ModuleLine parse_module_line(std::string_view line) {
  constexpr auto blank = " \t\r";
  const auto begin = line.find_first_not_of(blank);
  if (begin == std::string_view::npos || line[begin] == '#') return {};
  line.remove_prefix(begin);
  line = line.substr(0, line.find_last_not_of(blank) + 1);
  const auto end = line.find_first_of(blank);
  ModuleLine module{.path = fs::path(line.substr(0, end)), .parameters = {}};
  if (end != std::string_view::npos)
    module.parameters = line.substr(line.find_first_not_of(blank, end));
  return module;
}

Result<void> mount_kernel_filesystems() {
  for (const auto& entry : kernel_mounts) {
    if (mount_one(entry) || !entry.required) continue;
    return errno_error(fmt::format("mount {} on {}", entry.type, entry.where));
  }
  take_console();
  return ok();
}

void mount_module_filesystems() {
  for (const auto& entry : kernel_mounts)
    if (!entry.required) static_cast<void>(mount_one(entry));
}

void tune_kernel(bool slow) {
  // Under emulation a processor may be kept from running for seconds by the host alone: that is no
  // lockup. A watchdog_thresh of 30 reports a soft lockup after 60 s (kernel/watchdog.c).
  const std::array<std::pair<const char*, const char*>, 7> settings = {{
      {"/proc/sys/kernel/kptr_restrict", "0"},
      {"/proc/sys/kernel/dmesg_restrict", "0"},
      {"/proc/sys/kernel/perf_event_paranoid", "-1"},
      {"/proc/sys/kernel/hung_task_timeout_secs", slow ? "60" : "30"},
      {"/proc/sys/kernel/hung_task_warnings", "-1"},
      {"/proc/sys/kernel/watchdog_thresh", slow ? "30" : "10"},
      {"/proc/sys/kernel/printk_devkmsg", "on"},
  }};
  for (const auto& [path, value] : settings)
    if (const auto written = write_file(path, value); !written) continue;  // not in this kernel
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_MEMLOCK, &unlimited);  // BPF maps are charged to it before 5.11
  raise_loopback();
}

std::vector<std::string> load_modules(const fs::path& list) {
  const auto text = read_file(list);
  if (!text) return {text.error().message()};
  std::vector<std::string> troubles;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto module = parse_module_line(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (module.path.empty()) continue;
    auto file = open_file(module.path, O_RDONLY);
    if (!file) {
      troubles.push_back(file.error().message());
    } else if (::syscall(SYS_finit_module, file->get(), module.parameters.c_str(), 0) != 0 &&
               errno != EEXIST) {
      troubles.push_back(errno_error("load module " + module.path.filename().string()).message());
    }
  }
  return troubles;
}

Result<void> wait_for_pmem(unsigned count, Nanos limit) {
  const Deadline deadline(limit);
  unsigned there = count_pmem();
  while (there < count) {
    if (deadline.passed())
      return Error{fmt::format(
          "{} of {} NVDIMMs appeared as /dev/pmem: does this kernel have the drivers nfit and "
          "nd_pmem?",
          there, count)};
    sleep_for(milliseconds(10));
    there = count_pmem();
  }
  return ok();
}

Result<Fd> open_port(Nanos limit) {
  const Deadline deadline(limit);
  for (;;) {
    const auto path = find_port();
    if (!path.empty()) {
      auto port = open_file(path, O_RDWR);
      if (port || deadline.passed()) return port;
    } else if (deadline.passed()) {
      return Error{fmt::format(
          "no virtio port {}: does this kernel have the drivers virtio_pci and virtio_console?",
          port_name)};
    }
    sleep_for(milliseconds(10));
  }
}

double uptime() {
  timespec at{};
  ::clock_gettime(CLOCK_BOOTTIME, &at);
  constexpr double nano = 1e-9;
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * nano;
}

}  // namespace daxbreak
