// SPDX-License-Identifier: GPL-2.0
#include "pmem/frames.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <charconv>

#include "base/file.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t sector = 512;  // the unit of sysfs, whatever the device's own sectors are

Result<std::uint64_t> read_number(const std::filesystem::path& path) {
  auto line = read_line(path);
  if (!line) return line.error();
  std::string_view digits = *line;
  const bool hex = digits.substr(0, 2) == "0x";
  if (hex) digits.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, hex ? 16 : 10);
  if (failure != std::errc() || end != digits.data() + digits.size())
    return Error{"read a number from " + path.string() + ": it holds \"" + *line + "\""};
  return number;
}

}  // namespace

Result<BlockDevice> block_device(unsigned major, unsigned minor) {
  const std::filesystem::path link = fmt::format("/sys/dev/block/{}:{}", major, minor);
  std::error_code failure;
  auto sysfs = std::filesystem::canonical(link, failure);
  if (failure) return Error{"find the block device " + link.string(), failure.value()};
  return BlockDevice{.name = sysfs.filename(), .sysfs = sysfs};
}

Result<BlockDevice> block_device(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return errno_error("look at " + path);
  if (!S_ISBLK(found.st_mode)) return Error{path + " is not a block device"};
  return block_device(major(found.st_rdev), minor(found.st_rdev));
}

PfnRange frames_of(std::uint64_t resource, std::uint64_t bytes) {
  const std::uint64_t first = (resource + page - 1) / page;
  const std::uint64_t end = (resource + bytes) / page;
  return {.first = first, .count = end > first ? end - first : 0};
}

Result<PfnRange> block_device_frames(const BlockDevice& device) {
  std::error_code missing;
  const bool partition = std::filesystem::exists(device.sysfs / "partition", missing);
  const auto disk = partition ? device.sysfs.parent_path() : device.sysfs;
  // The disk hangs under the pfn device that made its struct pages, whose `resource` is the data
  // area after the info block and the page map (drivers/nvdimm/pfn_devs.c, resource_show()); or
  // under the namespace itself where that has pages of its own (legacy e820 regions).
  const auto provider = disk / "device";
  if (!std::filesystem::exists(provider / "resource", missing))
    return Error{"/dev/" + device.name +
                 " is not a pmem namespace or a partition of one: give a directory on a filesystem "
                 "made directly on /dev/pmemN"};
  auto resource = read_number(provider / "resource");
  if (!resource && resource.error().number == EACCES)
    return Error{"learn the physical address of /dev/" + device.name + " (root only)", EACCES};
  if (!resource) return resource.error();
  auto size = read_number(device.sysfs / "size");
  if (!size) return size.error();
  std::uint64_t start = 0;
  if (partition) {
    auto begin = read_number(device.sysfs / "start");
    if (!begin) return begin.error();
    start = *begin;
  }
  return frames_of(*resource + start * sector, *size * sector);
}

}  // namespace daxbreak
