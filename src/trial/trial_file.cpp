// SPDX-License-Identifier: GPL-2.0
#include "trial/trial_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "pmem/mapping.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t small_file_pages = 16;
constexpr std::uint64_t pinned_within_huge = 5 * small_page;
constexpr int exact_takings = 2;  // how often to ask for just what was freed ...
constexpr int takings = 6;        // ... and then for ever more of everything

Result<void> write_pattern(int fd, PatternId id, std::uint64_t offset, std::uint64_t length) {
  std::vector<std::byte> bytes(length);
  fill_pattern(bytes, id, offset);
  const ssize_t put = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
  if (put != static_cast<ssize_t>(length)) return errno_error("write the trial file's pattern");
  return ok();
}

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

std::filesystem::path path_for(const DaxDirectory& directory, PatternId id) {
  return directory.path / fmt::format("trial-{}-{}", ::getpid(), id.owner);
}

}  // namespace

Layout layout_for(std::uint64_t page_size) {
  if (page_size == huge_page) {
    return {.file_size = 2 * huge_page,
            .page_offset = huge_page,
            .page_length = huge_page,
            .pin_offset = huge_page + pinned_within_huge};
  }
  const std::uint64_t last = (small_file_pages - 1) * small_page;
  return {.file_size = small_file_pages * small_page,
          .page_offset = last,
          .page_length = small_page,
          .pin_offset = last};
}

Result<TrialFile> TrialFile::create(const DaxDirectory& directory, PatternId id,
                                    const Layout& layout) {
  TrialFile file;
  file.path_ = path_for(directory, id);
  auto fd = open_file(file.path_, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (!fd) return fd.error();
  file.fd_ = std::move(*fd);
  // Allocated in one go, so that huge pages get their 2 MiB aligned extents.
  if (::fallocate(file.fd(), 0, 0, static_cast<off_t>(layout.file_size)) != 0)
    return errno_error("allocate " + file.path_.string());
  if (auto put = write_pattern(file.fd(), id, 0, layout.file_size); !put) return put.error();
  if (::fsync(file.fd()) != 0) return errno_error("fsync " + file.path_.string());

  auto extents = file_extents(file.fd());
  if (!extents) return extents.error();
  for (const Extent& extent : *extents) {
    const std::uint64_t inside =
        std::min(extent.length, layout.file_size - std::min(layout.file_size, extent.logical));
    file.frames_.push_back({.first = directory.frames.first + (extent.physical / small_page),
                            .count = inside / small_page});
  }
  auto physical = physical_offset(*extents, layout.pin_offset);
  if (!physical) return physical.error();
  file.pinned_physical_ = *physical;
  file.pinned_frame_ = directory.frames.first + (*physical / small_page);
  return file;
}

TrialFile::~TrialFile() {
  remove();
}

void TrialFile::remove() {
  if (!fd_) return;
  fd_.reset();
  ::unlink(path_.c_str());
}

namespace {

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
  reuse.path = path_for(directory, id);
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
