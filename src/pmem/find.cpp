// SPDX-License-Identifier: GPL-2.0
// A DAX directory found and proved.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "pmem/frames.h"
#include "pmem/mapping.h"
#include "pmem/mount.h"
#include "pmem/mountinfo.h"

namespace daxbreak {
namespace {

constexpr std::string_view cure =
    "make a filesystem on an fsdax namespace, mount it with -o dax=always, and give a directory "
    "there";

// Which mount a directory is on, and the block device under it.
struct Place {
  Mount mount;
  unsigned major = 0;
  unsigned minor = 0;
};

Result<Place> place_of(const std::filesystem::path& path) {
  struct statx found {};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_BASIC_STATS | STATX_MNT_ID, &found) != 0)
    return errno_error("look at " + path.string());
  if (!S_ISDIR(found.stx_mode)) return Error{path.string(), ENOTDIR};
  auto mounts = list_mounts();
  if (!mounts) return mounts.error();
  for (const Mount& mount : *mounts)
    if (mount.id == found.stx_mnt_id) return Place{mount, found.stx_dev_major, found.stx_dev_minor};
  return Error{"find the mount of " + path.string() + " in /proc/self/mountinfo"};
}

// Why files in a sound ext4 or XFS directory are not DAX, as far as it can be seen.
std::string why_not(const Place& place, const BlockDevice& device) {
  const std::string name = "/dev/" + device.name;
  std::error_code missing;
  const bool partition = std::filesystem::exists(device.sysfs / "partition", missing);
  const auto disk = partition ? device.sysfs.parent_path() : device.sysfs;
  // queue/dax says whether the driver has struct pages for the medium (drivers/nvdimm/pmem.c,
  // pmem_attach_disk() sets it for namespaces with a page map only).
  auto capable = read_line(disk / "queue" / "dax");
  if (!capable || *capable != "1") {
    if (device.name.rfind("pmem", 0) == 0)
      return fmt::format(
          "{} is a namespace in raw or sector mode, which has no DAX: save what is on it, make it "
          "fsdax (ndctl create-namespace -f -e NAMESPACE -m fsdax), make a filesystem on it and "
          "mount that with -o dax=always",
          name);
    return fmt::format("{} is not persistent memory: {}", name, cure);
  }
  if (has_option(place.mount.super, "dax=never"))
    return "it is mounted with dax=never: unmount it and mount it again with -o dax=always";
  return fmt::format(
      "{} has DAX, but it is mounted with \"{}\": unmount it and mount it again with "
      "-o dax=always",
      name, place.mount.super);
}

// A page long, without blocks; unnamed, so that kill -9 leaves nothing.
Result<Fd> make_probe(const std::filesystem::path& directory) {
  Fd probe(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!probe) return errno_error("make an unnamed probe file in " + directory.string());
  if (::ftruncate(probe.get(), small_page) != 0)
    return errno_error("size the probe file in " + directory.string());
  return probe;
}

}  // namespace

Result<void> prove_dax(const std::filesystem::path& directory) {
  auto made = make_probe(directory);
  if (!made) return made.error();
  const Fd probe = std::move(*made);
  // Whether MAP_SYNC is allowed is decided at mmap(2) from the inode, so no block is needed.
  struct statx found {};
  if (::statx(probe.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &found) != 0)
    return errno_error("ask statx about a probe file in " + directory.string());
  if ((found.stx_attributes & STATX_ATTR_DAX) == 0)
    return Error{"new files in " + directory.string() + " are not DAX (statx)", ENOTSUP};
  void* address = ::mmap(nullptr, small_page, PROT_READ | PROT_WRITE,
                         MAP_SHARED_VALIDATE | MAP_SYNC, probe.get(), 0);
  if (address == MAP_FAILED) {
    if (errno == EOPNOTSUPP)
      return Error{"MAP_SYNC is refused in " + directory.string() +
                       ": the device under it is not synchronous (virtio-pmem is not)",
                   ENOTSUP};
    return errno_error("map a probe file in " + directory.string() + " with MAP_SYNC");
  }
  (void)::munmap(address, small_page);
  return ok();
}

Result<void> prove_reflink(const std::filesystem::path& directory) {
  auto from = make_probe(directory);
  if (!from) return from.error();
  auto to = make_probe(directory);
  if (!to) return to.error();
  if (::ioctl(to->get(), FICLONE, from->get()) != 0)
    return errno_error("share the blocks of a probe file in " + directory.string() + " (FICLONE)");
  return ok();
}

Result<DaxDirectory> find_dax_directory(const std::filesystem::path& path) {
  auto place = place_of(path);
  if (!place) return place.error();
  const std::string& filesystem = place->mount.filesystem;
  if (filesystem != "ext4" && filesystem != "xfs")
    return Error{fmt::format("{} is on {}, which has no DAX this program knows: {} (ext4 or xfs)",
                             path.string(), filesystem, cure)};
  auto device = block_device(place->major, place->minor);
  if (!device) return device.error();
  auto proof = prove_dax(path);
  if (!proof) {
    if (proof.error().number != ENOTSUP) return proof.error();
    return Error{fmt::format("files created in {} are not DAX: {}", path.string(),
                             why_not(*place, *device))};
  }
  auto frames = block_device_frames(*device);
  if (!frames) return frames.error();
  return DaxDirectory{
      .path = path, .filesystem = filesystem, .device = "/dev/" + device->name, .frames = *frames};
}

}  // namespace daxbreak
