// SPDX-License-Identifier: GPL-2.0
#include "lab/accelerator.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "base/file.h"
#include "lab/machine.h"
#include "result/stream.h"

namespace daxbreak {
namespace {
namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto device = "/dev/kvm";
constexpr auto memory_file = "accelerator.json";
// Real KVM prints the first line within half a second and panics within two, nested KVM within
// four or so.
constexpr auto first_line_limit = seconds(5);
constexpr auto boot_limit = seconds(8);

std::string processor() {
  const auto text = read_file("/proc/cpuinfo");
  if (!text) return "";
  const auto at = text->find("model name");
  if (at == std::string::npos) return "";
  return text->substr(at, text->find('\n', at) - at);
}

/// What the answer depends on, in one string.
std::string identity(const std::string& qemu) {
  utsname host{};
  ::uname(&host);
  struct stat kvm {};
  struct stat program {};
  ::stat(device, &kvm);
  ::stat(qemu.c_str(), &program);
  return fmt::format("{} {} | {} | qemu {} {} | kvm {:x} {:o}", host.release, host.version,
                     processor(), program.st_size, program.st_mtim.tv_sec, kvm.st_rdev,
                     kvm.st_mode);
}

/// The remembered answer, if it is for this identity. A file that cannot be read is no answer.
Result<Accelerator> recall(const fs::path& file, const std::string& key) {
  auto text = read_file(file);
  if (!text) return text.error();
  auto json = parse_json(*text);
  if (!json) return json.error();
  try {
    if (json->at("for") != key) return Error{"another machine's answer"};
    return Accelerator{.name = json->at("name"), .why = json->at("why"), .remembered = true};
  } catch (const Json::exception& broken) {
    return Error{broken.what()};
  }
}

/// Losing the answer costs a few seconds next time: no error is worth a word. Renamed into place,
/// because two runs may do this at once.
void remember(const fs::path& file, const std::string& key, const Accelerator& answer) {
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  const Json json = {{"for", key}, {"name", answer.name}, {"why", answer.why}};
  const fs::path fresh = file.string() + fmt::format(".{}", ::getpid());
  if (write_file(fresh, json.dump(2) + "\n")) fs::rename(fresh, file, ignored);
}

bool says(const std::vector<std::string>& lines, std::string_view words) {
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.find(words) != std::string::npos;
  });
}

/// "" if the kernel gets as far as its panic under KVM, else why it does not.
Result<std::string> failure_of_boot(const AcceleratorProbe& probe, const std::stop_token& stop) {
  MachineSize size;
  size.memory = 512UL << 20;
  size.cpus = 1;
  size.nvdimms = 0;
  auto machine = Machine::start({.vmlinuz = probe.vmlinuz,
                                 .initrd = {},
                                 .append = "earlyprintk=serial,ttyS0,115200",
                                 .accelerator = "kvm",
                                 .size = size,
                                 .console = probe.temporary / "probe-console.log",
                                 .log = probe.temporary / "probe-qemu.log"});
  if (!machine) return machine.error().message();
  const Deadline whole(boot_limit);
  const Deadline first(first_line_limit);
  for (;;) {
    const bool ended = machine->wait_exit(milliseconds(50));
    const auto lines = machine->console().lines();
    const bool started = says(lines, "Linux version");
    if (started && says(lines, "Kernel panic")) return std::string();
    if (stop.stop_requested()) return Error{"stopped while probing KVM"};
    if (ended) {
      const auto said = machine->complaint();
      return said.empty() ? std::string("QEMU ended before the kernel was up") : said;
    }
    if (!started && first.passed())
      return fmt::format("a stock kernel said nothing within {} s", first_line_limit.count());
    if (whole.passed())
      return fmt::format("a stock kernel was not up within {} s", boot_limit.count());
  }
}

}  // namespace

Result<Accelerator> probe_accelerator(const AcceleratorProbe& probe, const std::stop_token& stop) {
  auto qemu = find_qemu();
  if (!qemu) return qemu.error();
  const Fd kvm(::open(device, O_RDWR | O_CLOEXEC));
  if (!kvm) {
    const auto reason = errno_error(std::string("open ") + device).message();
    return Accelerator{.name = "tcg", .why = reason + ": software emulation"};
  }
  const auto key = identity(*qemu);
  const auto file = probe.cache / memory_file;
  if (!probe.cache.empty())
    if (auto known = recall(file, key); known) return known;

  auto failure = failure_of_boot(probe, stop);
  if (!failure) return failure.error();
  Accelerator answer{.name = "kvm", .why = "KVM runs a stock kernel"};
  if (!failure->empty())
    answer = {.name = "tcg",
              .why = "/dev/kvm opens, but under it " + *failure + ": software emulation"};
  if (!probe.cache.empty()) remember(file, key, answer);
  return answer;
}

void forget_accelerator(const fs::path& cache) {
  std::error_code ignored;
  fs::remove(cache / memory_file, ignored);
}

}  // namespace daxbreak
