// SPDX-License-Identifier: GPL-2.0
#include "trial/freed_block.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "pmem/extents.h"
#include "pmem/mapping.h"
#include "trial/trial_file.h"

namespace daxbreak {
namespace {

constexpr int exact_takings = 2;  // how often to ask for just what was freed ...
constexpr int takings = 6;        // ... and then for ever more of everything

/// How much to allocate next in the search for a freed block: first just what was freed, then
/// almost all there is, then half of what is left.
Result<std::uint64_t> next_taking(int fd, int round, std::uint64_t freed) {
  if (round < exact_takings) return freed;
  struct statvfs space {};
  if (::fstatvfs(fd, &space) != 0) return errno_error("statvfs");
  const std::uint64_t room = space.f_bavail * space.f_frsize;
  const std::uint64_t part = round == exact_takings ? room * 15 / 16 : room / 2;
  return std::max<std::uint64_t>(part - (part % small_page), small_page);
}

/// Lets the file grow until it owns the block; false if it never does.
Result<bool> grow_over(Reuse& reuse, std::uint64_t physical, std::uint64_t freed, bool take_all,
                       PatternId id) {
  for (int round = 0; round < (take_all ? takings : exact_takings); ++round) {
    // Freed blocks become available when the transaction that freed them is on the medium: jbd2's
    // commit callback (ext4), the log force that ends an extent's busy time (XFS).
    if (::syncfs(reuse.fd.get()) != 0) return errno_error("syncfs for " + reuse.path.string());
    auto length = next_taking(reuse.fd.get(), round, freed);
    if (!length) return length.error();
    struct stat now {};
    if (::fstat(reuse.fd.get(), &now) != 0) return errno_error("stat");
    // ENOSPC after a partial allocation is as good as success: what matters is which blocks came.
    if (::fallocate(reuse.fd.get(), 0, now.st_size, static_cast<off_t>(*length)) != 0 &&
        errno != ENOSPC)
      return errno_error("allocate free space to catch the freed block");
    auto extents = file_extents(reuse.fd.get());
    if (!extents) return extents.error();
    auto logical = logical_offset(*extents, physical);
    if (!logical) continue;
    reuse.logical = *logical;
    if (auto put = write_pattern(reuse.fd.get(), id, reuse.logical, small_page); !put)
      return put.error();
    if (::fdatasync(reuse.fd.get()) != 0) return errno_error("fdatasync the new owner");
    return true;
  }
  return false;
}

}  // namespace

Result<std::optional<Reuse>> take_block(const DaxDirectory& directory, std::uint64_t physical,
                                        std::uint64_t freed, bool take_all, PatternId id) {
  Reuse reuse;
  reuse.path = trial_path(directory, id);
  auto fd = open_file(reuse.path, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (!fd) return fd.error();
  reuse.fd = std::move(*fd);
  auto owned = grow_over(reuse, physical, freed, take_all, id);
  if (owned && *owned) return std::optional<Reuse>(std::move(reuse));
  give_back(std::move(reuse));
  if (!owned) return owned.error();
  return std::optional<Reuse>();
}

void give_back(Reuse reuse) {
  ::unlink(reuse.path.c_str());
  if (::ftruncate(reuse.fd.get(), 0) == 0) ::syncfs(reuse.fd.get());
}

}  // namespace daxbreak
