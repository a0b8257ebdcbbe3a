// SPDX-License-Identifier: GPL-2.0
#include "pmem/holder.h"

#include <blkid/blkid.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "base/path.h"
#include "pmem/frames.h"
#include "pmem/mountinfo.h"

namespace daxbreak {
namespace {

namespace fs = std::filesystem;

// The numbers of a device and of its partitions ("259:0"), as sysfs and mountinfo write them.
std::vector<std::string> numbers_of(const BlockDevice& device) {
  std::vector<std::string> numbers;
  if (auto own = read_line(device.sysfs / "dev")) numbers.push_back(*own);
  const auto parts = list_folder(device.sysfs);
  if (!parts) return numbers;
  std::error_code failure;
  for (const fs::path& part : *parts)
    if (fs::exists(part / "partition", failure))
      if (auto number = read_line(part / "dev")) numbers.push_back(*number);
  return numbers;
}

std::string first_holder(const fs::path& sysfs) {
  const auto holders = list_folder(sysfs / "holders");
  return holders && !holders->empty() ? holders->front().filename().string() : "";
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

// A process that has the file open or mapped. Processes that end meanwhile just have no files.
std::string process_with(const std::string& file) {
  const auto processes = list_folder("/proc");
  if (!processes) return "";
  for (const fs::path& process : *processes) {
    const std::string pid = process.filename();
    if (!is_number(pid)) continue;
    bool uses = false;
    if (const auto open = list_folder(process / "fd"))
      uses = std::any_of(open->begin(), open->end(), [&](const fs::path& fd) {
        std::error_code closed;
        return fs::read_symlink(fd, closed) == fs::path(file);
      });
    if (!uses)
      if (auto maps = read_file(process / "maps"))
        uses = maps->find(" " + file + "\n") != std::string::npos;
    if (!uses) continue;
    auto name = read_line(process / "comm");
    return pid + (name ? " (" + *name + ")" : "");
  }
  return "";
}

struct ProbeDelete {
  void operator()(blkid_struct_probe* probe) const { blkid_free_probe(probe); }
};

std::string lookup(blkid_probe probe, const char* name) {
  const char* value = nullptr;
  return blkid_probe_lookup_value(probe, name, &value, nullptr) == 0 && value != nullptr ? value
                                                                                         : "";
}

}  // namespace

Result<std::string> block_holder(const std::string& device) {
  auto disk = block_device(device);
  if (!disk) return disk.error();
  const auto numbers = numbers_of(*disk);
  auto mounts = list_mounts();
  if (!mounts) return mounts.error();
  for (const Mount& mount : *mounts) {
    const std::string number = std::to_string(mount.major) + ":" + std::to_string(mount.minor);
    if (std::find(numbers.begin(), numbers.end(), number) != numbers.end())
      return "mounted on " + mount.where;
  }
  for (const std::string& number : numbers)
    if (const auto holder = first_holder(fs::path("/sys/dev/block") / number); !holder.empty())
      return "claimed by " + holder;
  if (auto swaps = read_file("/proc/swaps");
      swaps && swaps->find(device + " ") != std::string::npos)
    return std::string("used as swap");
  // What else the kernel or a careful program claimed, mounts of other mount namespaces included.
  auto exclusive = open_file(device, O_RDONLY | O_EXCL);
  if (exclusive) return std::string();
  if (exclusive.error().number == EBUSY) return std::string("claimed by somebody (O_EXCL: busy)");
  return exclusive.error();
}

Result<std::string> character_holder(const std::string& device) {
  const fs::path sysfs = fs::path("/sys/bus/dax/devices") / fs::path(device).filename();
  std::error_code unbound;
  if (fs::canonical(sysfs / "driver", unbound).filename() == "kmem")
    return std::string("used as system memory (kmem)");
  const std::string process = process_with(device);
  return process.empty() ? std::string() : "opened by process " + process;
}

Result<std::string> block_content(const std::string& device) {
  errno = 0;
  const std::unique_ptr<blkid_struct_probe, ProbeDelete> probe(
      blkid_new_probe_from_filename(device.c_str()));
  if (!probe) return errno_error("look for a filesystem on " + device);
  (void)blkid_probe_enable_superblocks(probe.get(), 1);
  (void)blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_TYPE);
  (void)blkid_probe_enable_partitions(probe.get(), 1);
  switch (blkid_do_safeprobe(probe.get())) {
    case 0:
      break;
    case 1:
      return std::string();
    case -2:
      return std::string("several signatures");  // ambivalent: surely not empty
    default:
      return errno_error("look for a filesystem on " + device);
  }
  if (auto type = lookup(probe.get(), "TYPE"); !type.empty()) return type;
  return "partition table (" + lookup(probe.get(), "PTTYPE") + ")";
}

}  // namespace daxbreak
