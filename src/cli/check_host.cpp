// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>

#include "base/command.h"
#include "cli/machine_checks.h"
#include "kernel/census.h"
#include "kernel/observer.h"
#include "kernel/scheme.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view group = "host";

MachineCheck answer(std::string what, bool good, std::string found, std::string cure = {}) {
  // Errors of libbpf come with its whole log: one line is what fits on the screen.
  found.erase(std::min(found.find('\n'), found.size()));
  return {.group = std::string(group),
          .what = std::move(what),
          .good = good,
          .found = std::move(found),
          .cure = good ? "" : std::move(cure)};
}

/// Whether a driver is there: loaded, built in, or a module that could be loaded.
MachineCheck driver(const std::string& name, const std::string& use) {
  if (access(("/sys/module/" + name).c_str(), F_OK) == 0)
    return answer(name, true, "there, for " + use);
  // -C /dev/null: configuration may hide a module behind an `install` line.
  auto dry = run_command({"modprobe", "-n", "-q", "-C", "/dev/null", name}, 5s);
  const bool loadable = dry && dry->exit_status == 0;
  return answer(name, loadable,
                loadable ? "can be loaded, for " + use
                         : fmt::format("this kernel has no {}, needed for {}", name, use),
                "boot a kernel that has it, or use the lab");
}

}  // namespace

std::vector<MachineCheck> check_host(const std::filesystem::path& configs) {
  std::vector<MachineCheck> checks;
  const bool root = geteuid() == 0;
  checks.push_back(answer("root", root,
                          root ? "yes" : "no: trials run, but unobserved ones prove nothing",
                          "use sudo for runs on this machine; the lab needs no root"));
  utsname name{};
  uname(&name);
  checks.push_back(answer("kernel", true, fmt::format("{} {}", name.release, name.machine)));

  auto schemes = load_schemes(configs / "schemes");
  if (!schemes) {
    checks.push_back(answer("scheme", false, schemes.error().message()));
    return checks;
  }
  auto facts = read_kernel_facts(*schemes);
  auto scheme = facts ? detect_scheme(*schemes, *facts) : Result<Scheme>(facts.error());
  checks.push_back(
      answer("scheme", scheme.has_value(),
             scheme ? fmt::format("{}: {}, {}", scheme->name, scheme->title, detected_by(*facts))
                    : scheme.error().message(),
             root ? "add its signature to configs/schemes" : "try again as root"));
  if (root && scheme) {
    auto observer = Observer::open(*scheme);
    std::string seen = observer ? "runs" : observer.error().message();
    if (observer && !observer->missing().empty())
      seen += fmt::format(", but this kernel does not let it see {}",
                          fmt::join(observer->missing(), ", "));
    checks.push_back(answer("observer", observer.has_value(), seen,
                            "boot a kernel with CONFIG_BPF_SYSCALL and CONFIG_DEBUG_INFO_BTF"));
    auto census = CensusReader::open();
    checks.push_back(answer("census", census.has_value(),
                            census ? "reads struct pages" : census.error().message(),
                            "boot a kernel with CONFIG_DEBUG_INFO_BTF, kptr_restrict=0"));
  } else if (!root) {
    checks.push_back(answer("observer", false, "needs root", "use sudo for runs on this machine"));
  }
  checks.push_back(driver("dm_mod", "the gate dm"));
  checks.push_back(driver("null_blk", "the gates null-blk and dm"));
  return checks;
}

}  // namespace daxbreak
