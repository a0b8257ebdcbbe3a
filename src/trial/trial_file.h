// SPDX-License-Identifier: GPL-2.0
/// The file a trial works on: its blocks, their frames, and the pattern in them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "pmem/extents.h"
#include "pmem/mount.h"
#include "trial/layout.h"
#include "trial/pattern.h"

namespace daxbreak {

/// Where the file of this owner lies.
[[nodiscard]] std::filesystem::path trial_path(const DaxDirectory& directory, PatternId id);

/// Writes the owner's pattern to a part of a file. Bytes.
Result<void> write_pattern(int fd, PatternId id, std::uint64_t offset, std::uint64_t length);

/// A fresh file full of its owner's pattern, synced, and removed when destroyed.
class TrialFile {
 public:
  /// `name_owner` names the file; `content` is whose pattern is in it, usually the same.
  [[nodiscard]] static Result<TrialFile> create(const DaxDirectory& directory, PatternId name_owner,
                                                PatternId content, const Layout& layout);
  TrialFile(TrialFile&&) noexcept = default;
  TrialFile& operator=(TrialFile&&) = delete;
  ~TrialFile();

  /// -1 once close() was called.
  [[nodiscard]] int fd() const { return fd_ ? fd_.get() : -1; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::uint64_t inode() const { return inode_; }
  /// Frames of all its blocks, as they were when look_up() was called last.
  [[nodiscard]] const std::vector<PfnRange>& frames() const { return frames_; }
  /// The device offset of a byte, as it was then; an Error where it lay in a hole.
  [[nodiscard]] Result<std::uint64_t> physical(std::uint64_t logical) const;
  /// The frame of a byte, as it was then.
  [[nodiscard]] Result<Pfn> frame(std::uint64_t logical) const;

  /// Takes the blocks of a stretch away again, so that it is a hole.
  Result<void> punch(const Stretch& stretch);
  /// Makes all its blocks those of a second file too, which lasts as long as this one (reflink).
  Result<void> share_blocks();
  /// The second file, also when its name has gone; -1 if there is none.
  [[nodiscard]] int clone_fd() const { return clone_fd_ ? clone_fd_.get() : -1; }
  /// Reads where its blocks are.
  Result<void> look_up();

  /// Unlinks it now, the descriptor stays.
  void unlink();
  /// Closes the descriptor now, the name stays.
  void close() { fd_.reset(); }
  /// Closes and unlinks it now.
  void remove();

 private:
  explicit TrialFile(const DaxDirectory& directory) : base_(directory.frames.first) {}

  Pfn base_;  ///< the frame of the device's offset 0
  std::filesystem::path path_;
  std::filesystem::path clone_;
  Fd clone_fd_;
  Fd fd_;
  std::uint64_t inode_ = 0;
  std::uint64_t size_ = 0;
  std::vector<Extent> extents_;
  std::vector<PfnRange> frames_;
};

}  // namespace daxbreak
