// SPDX-License-Identifier: GPL-2.0
/// What /init has to do that a distribution's early user space would do.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// The value of `name=value` in a kernel command line, or `otherwise`. Pure.
[[nodiscard]] std::string boot_parameter(std::string_view command_line, std::string_view name,
                                         std::string_view otherwise);

/// One line of the module list: a path and the module's parameters. Pure. Empty path: no module.
struct ModuleLine {
  std::filesystem::path path;
  std::string parameters;
};
[[nodiscard]] ModuleLine parse_module_line(std::string_view line);

/// Mounts /proc, /sys, /dev and what hangs under them, tmpfs on /run and /tmp, and takes the
/// console as standard input, output and error. What a kernel lacks (bpf, configfs) is left out.
Result<void> mount_kernel_filesystems();

/// Mounts what came only with the modules: configfs is one in Debian's kernels.
void mount_module_filesystems();

/// Settings that the testbed relies on: kernel addresses in kallsyms, patient watchdogs that
/// report every time, locked memory without limit, a loopback interface.
void tune_kernel(bool slow);

/// Loads the modules of a list in its order. One sentence per module that could not be loaded; an
/// empty answer means all are there.
[[nodiscard]] std::vector<std::string> load_modules(const std::filesystem::path& list);

/// Waits until there are `count` persistent memory block devices.
Result<void> wait_for_pmem(unsigned count, Nanos limit);

/// Opens the port to the host, found by its name in sysfs (no udev makes links here).
[[nodiscard]] Result<Fd> open_port(Nanos limit);

/// Seconds since the kernel started.
[[nodiscard]] double uptime();

}  // namespace daxbreak
