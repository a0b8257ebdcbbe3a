// SPDX-License-Identifier: GPL-2.0
#include "lab/lab.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "lab/lab_options.h"

namespace daxbreak {
namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Where build_initramfs() puts them.
constexpr auto guest_schemes = "/etc/daxbreak/schemes";

/// The terminal's settings, put back at the end: a QEMU that is killed leaves it raw.
class TerminalGuard {
 public:
  TerminalGuard() {
    termios settings{};
    if (::tcgetattr(STDIN_FILENO, &settings) == 0) saved_ = settings;
  }
  TerminalGuard(const TerminalGuard&) = delete;
  TerminalGuard& operator=(const TerminalGuard&) = delete;
  ~TerminalGuard() {
    if (saved_) ::tcsetattr(STDIN_FILENO, TCSANOW, &*saved_);
  }

 private:
  std::optional<termios> saved_;
};

std::string terminal_parameters() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return "";
  return fmt::format("daxbreak.rows={} daxbreak.columns={}", size.ws_row, size.ws_col);
}

}  // namespace

double trial_patience(const std::string& accelerator) {
  // Measured: on two emulated processors of a shared host a woken breaker returns within 7 ms,
  // where the deadline without patience is 250 ms. Doubled, the margin is that of a machine 70
  // times as slow again; a suspect gets twice that in its second attempt.
  constexpr double emulated = 2;
  return accelerator == "kvm" ? 1 : emulated;
}

Result<RunRecord> run_lab(const LabOptions& options, const std::stop_token& stop) {
  if (auto fine = check_options(options); !fine) return fine.error();
  auto folder = LabDirectory::make();
  if (!folder) return folder.error();
  auto consoles = folder->path();
  if (!options.consoles.empty()) {
    std::error_code failed;
    std::filesystem::create_directories(options.consoles, failed);
    if (failed) return Error{"make " + options.consoles.string(), failed.value()};
    consoles = options.consoles;
  }

  std::size_t useful = options.kernels.size();
  const auto host = host_capacity();
  // More machines than kernels are of use if there is enough to share.
  constexpr std::size_t cells_per_machine = 120;
  for (const auto& kernel : options.kernels)
    useful += kernel.cells.size() / cells_per_machine;
  const auto machines = machines_at_once(options.machines, useful, options.size, host);
  if (!machines) return machines.error();

  const auto began = now_ns();
  auto accelerator = choose_accelerator(options, folder->path(), stop);
  if (!accelerator) return accelerator.error();
  const auto probed = std::chrono::duration<double>(Nanos(now_ns() - began)).count();

  // Machines that have to share cores are slow for no fault of theirs.
  const double crowd = std::max(1.0, static_cast<double>(*machines) / host.cores);
  Plan plan = options.plan;
  plan.patience = options.patience * crowd * trial_patience(accelerator->name);
  if (plan.schemes.empty()) plan.schemes = guest_schemes;
  std::vector<KernelWork> work;
  for (const auto& kernel : options.kernels)
    work.push_back({.spec = {.image = kernel.image,
                             .initrd = kernel.initrd,
                             .append = joined_parameters(options.append, kernel.append),
                             .accelerator = accelerator->name,
                             .size = options.size,
                             .patience = options.patience * crowd,
                             .plan = plan,
                             .folder = consoles,
                             .may_join = {}},
                    .cells = kernel.cells});
  auto run = run_kernels(work, *machines, options.events, stop);
  run.phases["accelerator probe"] = probed;
  run.seconds += probed;
  return run;
}

Result<int> lab_shell(const LabOptions& options, const std::stop_token& stop) {
  if (auto fine = check_options(options); !fine) return fine.error();
  auto folder = LabDirectory::make();
  if (!folder) return folder.error();
  auto accelerator = choose_accelerator(options, folder->path(), stop);
  if (!accelerator) return accelerator.error();

  const auto& kernel = options.kernels.front();
  auto append = guest_parameters("shell", accelerator->name, options.size.nvdimms);
  for (const auto& more : {terminal_parameters(), options.append, kernel.append})
    append = joined_parameters(append, more);
  const TerminalGuard terminal;
  auto machine = Machine::start({.vmlinuz = kernel.image.vmlinuz,
                                 .initrd = kernel.initrd,
                                 .append = append,
                                 .accelerator = accelerator->name,
                                 .size = options.size,
                                 .console = folder->path() / "console.log",
                                 .log = folder->path() / "qemu.log",
                                 .terminal = true});
  if (!machine) return machine.error();
  while (!machine->wait_exit(milliseconds(200)))
    if (stop.stop_requested()) return Error{"interrupted"};
  if (machine->failed()) return Error{"qemu: " + machine->complaint()};
  return 0;
}

}  // namespace daxbreak
