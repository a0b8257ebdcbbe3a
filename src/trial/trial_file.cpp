// SPDX-License-Identifier: GPL-2.0
#include "trial/trial_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "pmem/mapping.h"

namespace daxbreak {

std::filesystem::path trial_path(const DaxDirectory& directory, PatternId id) {
  return directory.path / fmt::format("trial-{}-{}", ::getpid(), id.owner);
}

Result<void> write_pattern(int fd, PatternId id, std::uint64_t offset, std::uint64_t length) {
  std::vector<std::byte> bytes(length);
  fill_pattern(bytes, id, offset);
  const ssize_t put = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
  if (put != static_cast<ssize_t>(length)) return errno_error("write the trial file's pattern");
  return ok();
}

Result<TrialFile> TrialFile::create(const DaxDirectory& directory, PatternId name_owner,
                                    PatternId content, const Layout& layout) {
  TrialFile file(directory);
  file.path_ = trial_path(directory, name_owner);
  file.size_ = layout.file_size;
  auto fd = open_file(file.path_, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (!fd) return fd.error();
  file.fd_ = std::move(*fd);
  if (::ftruncate(file.fd(), static_cast<off_t>(layout.file_size)) != 0)
    return errno_error("size " + file.path_.string());
  for (const Stretch& part : layout.allocated) {
    // Allocated in one go, so that huge pages get their 2 MiB aligned extents.
    if (::fallocate(file.fd(), 0, static_cast<off_t>(part.offset),
                    static_cast<off_t>(part.length)) != 0)
      return errno_error("allocate " + file.path_.string());
    if (auto put = write_pattern(file.fd(), content, part.offset, part.length); !put)
      return put.error();
  }
  if (::fsync(file.fd()) != 0) return errno_error("fsync " + file.path_.string());
  struct stat made {};
  if (::fstat(file.fd(), &made) != 0) return errno_error("stat " + file.path_.string());
  file.inode_ = made.st_ino;
  if (auto known = file.look_up(); !known) return known.error();
  return file;
}

TrialFile::~TrialFile() {
  remove();
}

Result<void> TrialFile::look_up() {
  auto extents = file_extents(fd());
  if (!extents) return extents.error();
  extents_ = std::move(*extents);
  frames_.clear();
  for (const Extent& extent : extents_) {
    const std::uint64_t inside = std::min(extent.length, size_ - std::min(size_, extent.logical));
    frames_.push_back(
        {.first = base_ + (extent.physical / small_page), .count = inside / small_page});
  }
  return ok();
}

Result<std::uint64_t> TrialFile::physical(std::uint64_t logical) const {
  return physical_offset(extents_, logical);
}

Result<Pfn> TrialFile::frame(std::uint64_t logical) const {
  auto at = physical(logical);
  if (!at) return at.error();
  return base_ + (*at / small_page);
}

Result<void> TrialFile::punch(const Stretch& stretch) {
  if (::fallocate(fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  static_cast<off_t>(stretch.offset), static_cast<off_t>(stretch.length)) != 0)
    return errno_error("punch a hole into the trial file");
  if (::fsync(fd()) != 0) return errno_error("fsync " + path_.string());
  return look_up();
}

Result<void> TrialFile::share_blocks() {
  clone_ = path_.string() + "-clone";
  auto clone = open_file(clone_, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (!clone) return clone.error();
  if (::ioctl(clone->get(), FICLONE, fd()) != 0)
    return errno_error("share the trial file's blocks (FICLONE)");
  if (::fsync(fd()) != 0) return errno_error("fsync " + path_.string());
  clone_fd_ = std::move(*clone);
  return look_up();
}

void TrialFile::unlink() {
  if (!path_.empty()) ::unlink(path_.c_str());
  if (!clone_.empty()) ::unlink(clone_.c_str());
  path_.clear();
  clone_.clear();
}

void TrialFile::remove() {
  fd_.reset();
  clone_fd_.reset();
  unlink();
}

}  // namespace daxbreak
