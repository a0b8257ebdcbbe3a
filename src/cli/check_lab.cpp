// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <thread>

#include "base/command.h"
#include "base/fd.h"
#include "cli/machine_checks.h"
#include "lab/cache.h"
#include "lab/kernel_build.h"
#include "lab/kernel_catalogue.h"
#include "lab/kernel_provide.h"
#include "lab/machine.h"

namespace daxbreak {
namespace {

constexpr std::string_view group = "lab";
constexpr double mib = 1 << 20;

MachineCheck program(const std::string& name, const std::string& package) {
  const std::string path = find_program(name);
  return {.group = std::string(group),
          .what = name,
          .good = !path.empty(),
          .found = path.empty() ? "not installed" : path,
          .cure = path.empty() ? "apt install " + package : ""};
}

MachineCheck kvm() {
  MachineCheck check{.group = std::string(group), .what = "KVM", .good = true};
  const Fd device(::open("/dev/kvm", O_RDWR | O_CLOEXEC));
  if (device) {
    check.found = "/dev/kvm opens; the lab boots a kernel with it before it trusts it";
  } else if (errno == EACCES || errno == EPERM) {
    check.good = false;
    check.found = "/dev/kvm may not be opened; the lab emulates in software, which is slower";
    check.cure = "add yourself to the group kvm";
  } else {
    check.found = "no /dev/kvm; the lab emulates in software, which is slower";
  }
  return check;
}

MachineCheck memory() {
  struct sysinfo info {};
  sysinfo(&info);
  const double total = static_cast<double>(info.totalram) * info.mem_unit / mib;
  const double wanted = static_cast<double>(MachineSize{}.host_memory()) / mib;
  return {.group = std::string(group),
          .what = "memory",
          .good = total >= wanted,
          .found = fmt::format("{:.0f} MB, {} processors; a virtual machine may come to need "
                               "{:.0f} MB",
                               total, std::thread::hardware_concurrency(), wanted),
          .cure = total >= wanted ? "" : "make the NVDIMMs smaller: --nvdimm-size=320m"};
}

/// What is not plain about a kernel of the catalogue, in parentheses.
std::string remark(const KernelSource& kernel, const Cache& cache) {
  if (!kernel.built()) return kernel.by_default ? "" : " (not by default)";
  const auto state = kernel_state(kernel, cache);
  return fmt::format(" ({})", state ? *state : state.error().message());
}

MachineCheck compiler() {
  const auto missing = missing_build_programs();
  return {.group = std::string(group),
          .what = "compiler",
          .good = missing.empty(),
          .found = missing.empty()
                       ? "all that building kernels takes (daxbreak lab build)"
                       : fmt::format("{} not installed; kernels of the catalogue with a `source` "
                                     "cannot be built",
                                     fmt::join(missing, ", ")),
          .cure = missing.empty() ? "" : "scripts/setup"};
}

std::vector<MachineCheck> kernels(const std::filesystem::path& configs) {
  MachineCheck check{.group = std::string(group), .what = "kernels"};
  auto catalogue = read_catalogue(configs / "kernels");
  auto cache = Cache::open();
  if (!catalogue || !cache) {
    check.found = (catalogue ? cache.error() : catalogue.error()).message();
    return {check};
  }
  std::string names;
  for (const KernelSource& kernel : *catalogue)
    names += fmt::format("{}{}{}", names.empty() ? "" : ", ", kernel.name, remark(kernel, *cache));
  check.good = !catalogue->empty();
  check.found = names;
  struct statvfs space {};
  statvfs(cache->root().c_str(), &space);
  const double free = static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize);
  // A fetched kernel with its modules, and its initramfs, take about this much.
  constexpr double needed = 2048 * mib;
  return {check,
          {.group = std::string(group),
           .what = "cache",
           .good = free >= needed,
           .found = fmt::format("{}, {:.0f} MB free", cache->root().string(), free / mib),
           .cure = free >= needed ? "" : "free some space, or set XDG_CACHE_HOME"}};
}

}  // namespace

std::vector<MachineCheck> check_lab(const std::filesystem::path& configs) {
  std::vector<MachineCheck> checks{program("qemu-system-x86_64", "qemu-system-x86"), kvm(),
                                   memory()};
  for (const auto& [name, package] : {std::pair{"mkfs.ext4", "e2fsprogs"},
                                      {"mkfs.xfs", "xfsprogs"},
                                      {"ndctl", "ndctl"},
                                      {"fio", "fio"},
                                      {"busybox", "busybox-static"},
                                      {"apt-get", "apt"},
                                      {"dpkg-deb", "dpkg"}})
    checks.push_back(program(name, package));
  checks.push_back(compiler());
  for (MachineCheck& check : kernels(configs))
    checks.push_back(std::move(check));
  return checks;
}

}  // namespace daxbreak
