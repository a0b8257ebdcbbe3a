// SPDX-License-Identifier: GPL-2.0
#include "lab/initramfs.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/command.h"
#include "base/file.h"
#include "base/path.h"
#include "lab/cpio.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Changes when the layout of an archive does, so that older ones are not used.
constexpr std::string_view layout = "1";

/// A program of the host, in the guest at the same place.
struct Tool {
  const char* name;
  bool needed;
};
// What a trial runs is needed; the rest is for a person in `lab shell`.
constexpr Tool base_tools[] = {{"busybox", true}, {"mkfs.ext4", true}, {"mkfs.xfs", true},
                               {"ndctl", false},  {"daxctl", false},   {"dmsetup", false}};
constexpr Tool fio_tools[] = {{"fio", true}};

/// What a part will hold: places in the guest ("bin/sh") and the files of the host.
using Inventory = std::map<std::string, fs::path>;

std::string in_guest(const fs::path& host) {
  return host.relative_path().string();
}

/// The folder a tool has in the guest; Debian's own, whatever PATH found first.
std::string guest_bin(const std::string& name) {
  return "bin/" + name;
}

Result<void> add_program(Inventory& inventory, const std::string& place, const fs::path& host) {
  auto libraries = libraries_of(host);
  if (!libraries) return libraries.error();
  inventory[place] = host;
  for (const fs::path& library : *libraries)
    inventory[in_guest(library)] = library;
  return ok();
}

template <std::size_t count>
Result<void> add_tools(Inventory& inventory, const Tool (&tools)[count]) {
  for (const Tool& tool : tools) {
    const std::string found = find_program(tool.name);
    if (found.empty() && tool.needed)
      return Error{
          fmt::format("{} is not installed, and the guests need it: run scripts/setup", tool.name)};
    if (found.empty()) continue;
    if (auto added = add_program(inventory, guest_bin(tool.name), found); !added) return added;
  }
  return ok();
}

void add_folder(Inventory& inventory, const std::string& place, const fs::path& host) {
  const auto files = list_folder(host);
  if (!files) return;
  std::error_code code;
  for (const fs::path& file : *files)
    if (fs::is_regular_file(file, code)) inventory[place + "/" + file.filename().string()] = file;
}

Result<std::string> fingerprint(const Inventory& inventory, std::string_view more = {}) {
  Fingerprint print;
  print.add(layout);
  print.add(more);
  for (const auto& [place, host] : inventory) {
    print.add(place);
    if (auto added = print.add_file(host); !added) return added.error();
  }
  return print.text();
}

Result<void> write_inventory(CpioWriter& archive, const Inventory& inventory) {
  for (const auto& [place, host] : inventory) {
    std::error_code code;
    const auto rights = fs::status(host, code).permissions();
    const bool runs = (rights & fs::perms::owner_exec) != fs::perms::none;
    if (auto added = archive.add_host_file(place, host, runs ? 0755 : 0644); !added) return added;
  }
  return ok();
}

/// The part in the cache, or what `fill` makes of it.
template <class Fill>
Result<GuestPart> cached_part(const std::string& stem, const std::string& print, const Cache& cache,
                              const TellStage& tell, const std::stop_token& stop, Fill fill) {
  auto folder = cache.folder("guest");
  if (!folder) return folder.error();
  auto lock = cache.lock("guest-" + stem, 5min, tell, stop);
  if (!lock) return lock.error();
  const std::string name = fmt::format("{}-{}.cpio", stem, print);
  GuestPart part{stem, *folder / name, 0};
  std::error_code code;
  if (!fs::exists(part.archive, code)) {
    if (tell) tell(fmt::format("build the guest's {} image", stem));
    // Each part is built in a folder of its own: the lock is on one part, not on the cache.
    auto workshop = cache.folder("work/" + stem);
    if (!workshop) return workshop.error();
    auto scratch = ScratchFolder::make(*workshop);
    if (!scratch) return scratch.error();
    const fs::path unfinished = scratch->path() / name;
    auto archive = CpioWriter::create(unfinished);
    if (!archive) return archive.error();
    Result<void> filled = fill(*archive, scratch->path());
    if (filled) filled = archive->finish();
    if (filled && stop.stop_requested())
      filled = Error{fmt::format("the guest's {} image was stopped", stem), ECANCELED};
    if (!filled) {
      if (filled.error().number == ENOSPC)
        return Error{
            fmt::format("no space for the guest's {} image in {}", stem, cache.root().string())};
      return filled.error();
    }
    fs::rename(unfinished, part.archive, code);
    if (code) return Error{"rename to " + part.archive.string(), code.value()};
  }
  touch(part.archive);
  prune(*folder, stem + "-", name, 24h);
  prune(*folder, "", name, 7 * 24h);  // of kernels that the archive has replaced
  part.bytes = fs::file_size(part.archive, code);
  if (code) return Error{"look at " + part.archive.string(), code.value()};
  return part;
}

/// busybox under the names of everything it can do, except where the real program is there.
Result<void> add_applets(CpioWriter& archive, const Inventory& inventory) {
  auto names = require_command({"busybox", "--list"}, 10s);
  if (!names) return names.error();
  std::istringstream stream(*names);
  for (std::string name; stream >> name;) {
    if (inventory.contains(guest_bin(name)) || name == "busybox") continue;
    if (auto added = archive.add_link(guest_bin(name), "busybox"); !added) return added;
  }
  return ok();
}

Result<void> add_skeleton(CpioWriter& archive) {
  for (const char* folder :
       {"proc", "sys", "dev", "run", "tmp", "root", "sbin", "mnt/ext4", "mnt/xfs", "etc"})
    if (auto added = archive.add_folder(folder); !added) return added;
  // The kernel opens /dev/console for init before anybody can mount devtmpfs.
  if (auto added = archive.add_character_device("dev/console", 5, 1, 0600); !added) return added;
  if (auto added = archive.add_character_device("dev/null", 1, 3, 0666); !added) return added;
  if (auto added = archive.add_file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"); !added)
    return added;
  if (auto added = archive.add_file("etc/group", "root:x:0:\n"); !added) return added;
  if (auto added = archive.add_link("etc/mtab", "/proc/self/mounts"); !added) return added;
  // A link, and not a copy: the kernel runs /init, which is therefore argv[0].
  return archive.add_link("init", "bin/daxbreak");
}

/// The program without its debugging information, which is ten times the code.
Result<fs::path> stripped(const fs::path& program, const fs::path& scratch,
                          const std::stop_token& stop) {
  const fs::path result = scratch / "daxbreak";
  auto done =
      run_command({"objcopy", "--strip-debug", program.string(), result.string()}, 60s, stop);
  if (!done && done.error().number == ECANCELED) return done.error();
  return done && done->exit_status == 0 ? result : program;
}

Result<GuestPart> base_part(const GuestContents& contents, const Cache& cache,
                            const TellStage& tell, const std::stop_token& stop) {
  std::error_code code;
  const fs::path program = fs::canonical(contents.program, code);
  if (code) return Error{"find this program, " + contents.program.string(), code.value()};
  Inventory inventory;
  if (auto added = add_program(inventory, guest_bin("daxbreak"), program); !added)
    return added.error();
  if (auto added = add_tools(inventory, base_tools); !added) return added.error();
  add_folder(inventory, "etc/daxbreak", contents.configs);
  // All that the command line wants to read, so that `daxbreak` works in `lab shell`.
  for (const char* folder : {"schemes", "jobs", "kernels"})
    add_folder(inventory, std::string("etc/daxbreak/") + folder, contents.configs / folder);
  for (const char* file : {"/etc/mke2fs.conf"})
    if (fs::exists(file, code)) inventory[in_guest(file)] = file;
  auto print = fingerprint(inventory);
  if (!print) return print.error();
  return cached_part("base", *print, cache, tell, stop,
                     [&](CpioWriter& archive, const fs::path& scratch) -> Result<void> {
                       auto small = stripped(program, scratch, stop);
                       if (!small) return small.error();
                       inventory[guest_bin("daxbreak")] = *small;
                       if (auto added = add_skeleton(archive); !added) return added;
                       if (auto added = write_inventory(archive, inventory); !added) return added;
                       return add_applets(archive, inventory);
                     });
}

Result<GuestPart> fio_part(const Cache& cache, const TellStage& tell, const std::stop_token& stop) {
  Inventory inventory;
  if (auto added = add_tools(inventory, fio_tools); !added) return added.error();
  auto print = fingerprint(inventory);
  if (!print) return print.error();
  return cached_part("fio", *print, cache, tell, stop,
                     [&](CpioWriter& archive, const fs::path&) -> Result<void> {
                       return write_inventory(archive, inventory);
                     });
}

/// The module's bytes as the guest's kernel wants them.
Result<fs::path> decompressed(const ModuleFile& module, const fs::path& scratch,
                              const std::stop_token& stop) {
  const std::string suffix = module.path.extension();
  const char* tool = suffix == ".xz"    ? "xz"
                     : suffix == ".zst" ? "zstd"
                     : suffix == ".gz"  ? "gzip"
                                        : nullptr;
  if (tool == nullptr) return module.path;
  const fs::path result = scratch / (module.name + ".ko");
  auto done = require_command({"sh", "-c", R"(exec "$1" -dc < "$2" > "$3")", "sh", tool,
                               module.path.string(), result.string()},
                              60s, stop);
  if (!done) return done.error();
  return result;
}

Result<GuestPart> modules_part(const KernelImage& kernel, const ModulePlan& plan,
                               const Cache& cache, const TellStage& tell,
                               const std::stop_token& stop) {
  Inventory inventory;
  std::string list;
  for (const ModuleFile& module : plan.files) {
    const std::string place = fmt::format("lib/modules/daxbreak/{}.ko", module.name);
    inventory[place] = module.path;
    list +=
        fmt::format("/{}{}{}\n", place, module.parameters.empty() ? "" : " ", module.parameters);
  }
  auto print = fingerprint(inventory, list);
  if (!print) return print.error();
  return cached_part("modules-" + kernel.release, *print, cache, tell, stop,
                     [&](CpioWriter& archive, const fs::path& scratch) -> Result<void> {
                       for (const ModuleFile& module : plan.files) {
                         auto file = decompressed(module, scratch, stop);
                         if (!file) return file.error();
                         inventory[fmt::format("lib/modules/daxbreak/{}.ko", module.name)] = *file;
                       }
                       const std::string list_name = std::string(guest_module_list).substr(1);
                       if (auto added = archive.add_file(list_name, list); !added) return added;
                       return write_inventory(archive, inventory);
                     });
}

}  // namespace

std::uint64_t GuestImage::bytes() const {
  std::uint64_t sum = 0;
  for (const GuestPart& part : parts)
    sum += part.bytes;
  return sum;
}

Result<std::vector<fs::path>> parse_ldd(std::string_view output, std::string_view program) {
  std::vector<fs::path> libraries;
  std::istringstream lines{std::string(output)};
  for (std::string line; std::getline(lines, line);) {
    // "libx.so.1 => /lib/libx.so.1 (0x...)", "/lib64/ld-linux-x86-64.so.2 (0x...)"
    if (const auto lost = line.find(" => not found"); lost != std::string::npos)
      return Error{fmt::format(
          "{} needs {}, which is not installed", program,
          line.substr(line.find_first_not_of(" \t"), lost - line.find_first_not_of(" \t")))};
    const auto slash = line.find('/');
    const auto end = line.find(" (0x");
    if (slash == std::string::npos || end == std::string::npos || end < slash) continue;
    libraries.emplace_back(line.substr(slash, end - slash));
  }
  return libraries;
}

Result<std::vector<fs::path>> libraries_of(const fs::path& program) {
  auto output = run_command({"env", "LC_ALL=C", "ldd", program.string()}, 60s);
  if (!output) return output.error();
  if (output->exit_status != 0) {
    if (output->text.find("not a dynamic executable") != std::string::npos)
      return std::vector<fs::path>{};
    return Error{"ldd cannot read " + program.string()};
  }
  return parse_ldd(output->text, program.string());
}

Result<GuestImage> build_initramfs(const KernelImage& kernel, const GuestContents& contents,
                                   const Cache& cache, const TellStage& tell,
                                   const std::stop_token& stop) {
  GuestImage image;
  auto plan = plan_modules(kernel.modules);
  if (!plan) return Error{fmt::format("{}: {}", kernel.name, plan.error().message())};
  image.missing_drivers = plan->missing;
  auto base = base_part(contents, cache, tell, stop);
  if (!base) return base.error();
  image.parts.push_back(std::move(*base));
  if (!plan->files.empty()) {
    auto modules = modules_part(kernel, *plan, cache, tell, stop);
    if (!modules) return modules.error();
    image.parts.push_back(std::move(*modules));
  }
  if (contents.fio) {
    auto fio = fio_part(cache, tell, stop);
    if (!fio) return fio.error();
    image.parts.push_back(std::move(*fio));
  }
  return image;
}

Result<void> join_initrd(const GuestImage& image, const fs::path& file) {
  auto out = open_file(file, O_WRONLY | O_CREAT | O_TRUNC);
  if (!out) return out.error();
  for (const GuestPart& part : image.parts) {
    auto bytes = read_file(part.archive);
    if (!bytes) return bytes.error();
    if (auto put = write_all(out->get(), *bytes); !put)
      return Error{"write the initrd " + file.string(), put.error().number};
  }
  return ok();
}

}  // namespace daxbreak
