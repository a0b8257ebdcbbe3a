// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>

#include "base/command.h"
#include "base/file.h"
#include "pmem/mount.h"

namespace daxbreak {
namespace {

// Generous: a filesystem of 512 MiB takes well under a second even in an emulated guest, but a real
// namespace may have a terabyte.
constexpr Nanos patience = std::chrono::minutes(2);

std::vector<std::string> ext4_command(const std::string& device) {
  return {"mkfs.ext4", "-q", "-F",
          // DAX needs blocks of page size; small devices would get 1 KiB blocks.
          "-b", "4096",
          // 512 blocks are 2 MiB: mballoc aligns large requests to the stripe.
          // Inode tables and the journal are complete at once, so that ext4lazyinit does not work
          // in the background of a trial; few inodes make that quick.
          "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0,stride=512,stripe_width=512",
          "-N", "4096", "-J", "size=4", "-m", "0", device};
}

// Below this mkfs.xfs 6.1 fails with its own defaults: with a stripe it makes so many allocation
// groups that none has room for the smallest log it allows, 64 MiB.
constexpr std::uintmax_t small_device = 4ULL << 30;

std::vector<std::string> xfs_command(const std::string& device, std::uintmax_t bytes,
                                     Reflink reflink) {
  // Stripe unit 2 MiB: allocations of that size and more are aligned to it. The log's own unit has
  // a maximum of 256 KiB and would follow the data's.
  const std::string data = bytes < small_device ? "su=2m,sw=1,agcount=2" : "su=2m,sw=1";
  const std::string sharing = reflink == Reflink::on ? "reflink=1" : "reflink=0";
  return {"mkfs.xfs", "-q", "-f", "-K", "-m", sharing, "-d", data, "-l", "su=4096", device};
}

Result<std::uintmax_t> device_bytes(const std::string& device) {
  auto disk = open_file(device, O_RDONLY);
  if (!disk) return disk.error();
  const off_t end = ::lseek(disk->get(), 0, SEEK_END);
  if (end < 0) return errno_error("learn the size of " + device);
  return static_cast<std::uintmax_t>(end);
}

}  // namespace

Result<void> make_filesystem(const std::string& device, const std::string& filesystem,
                             Reflink reflink) {
  if (filesystem != "ext4" && filesystem != "xfs")
    return Error{"make a filesystem of type \"" + filesystem + "\": DAX trials know ext4 and xfs"};
  auto bytes = device_bytes(device);
  if (!bytes) return bytes.error();
  const auto command =
      filesystem == "ext4" ? ext4_command(device) : xfs_command(device, *bytes, reflink);
  if (find_program(command.front()).empty())
    return Error{fmt::format("{} is not installed: apt-get install {}", command.front(),
                             filesystem == "ext4" ? "e2fsprogs" : "xfsprogs")};
  auto said = require_command(command, patience);
  if (!said) return said.error();
  return ok();
}

}  // namespace daxbreak
