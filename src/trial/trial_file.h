// SPDX-License-Identifier: GPL-2.0
/// The file a trial works on: its blocks, their frames, and the pattern in them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "pmem/extents.h"
#include "pmem/mount.h"
#include "trial/pattern.h"

namespace daxbreak {

/// Where in the file the trial pins and breaks. Bytes.
struct Layout {
  std::uint64_t file_size = 0;
  std::uint64_t page_offset = 0;  ///< of the page, of the cell's size, that is broken: the last one
  std::uint64_t page_length = 0;
  std::uint64_t pin_offset = 0;  ///< of the pinned 4 KiB inside it
};

/// The layout for a page size: 64 KiB with small pages, two huge pages with huge ones; the pinned
/// 4 KiB is not the first of its huge page, so that a head page is not mistaken for it.
[[nodiscard]] Layout layout_for(std::uint64_t page_size);

/// A fresh file full of its owner's pattern, synced, and removed when destroyed.
class TrialFile {
 public:
  [[nodiscard]] static Result<TrialFile> create(const DaxDirectory& directory, PatternId id,
                                                const Layout& layout);
  TrialFile(TrialFile&&) noexcept = default;
  TrialFile& operator=(TrialFile&&) = delete;
  ~TrialFile();

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Frames of all its blocks, as they were when it was made.
  [[nodiscard]] const std::vector<PfnRange>& frames() const { return frames_; }
  /// Device offset of the pinned 4 KiB.
  [[nodiscard]] std::uint64_t pinned_physical() const { return pinned_physical_; }
  /// Frame of the pinned 4 KiB.
  [[nodiscard]] Pfn pinned_frame() const { return pinned_frame_; }

  /// Closes and unlinks it now.
  void remove();

 private:
  TrialFile() = default;
  std::filesystem::path path_;
  Fd fd_;
  std::vector<PfnRange> frames_;
  std::uint64_t pinned_physical_ = 0;
  Pfn pinned_frame_ = 0;
};

/// Another file that owns a block which was given away.
struct Reuse {
  Fd fd;
  std::filesystem::path path;
  std::uint64_t logical = 0;  ///< where in that file the block lies
};

/// Tries to get the block at a device offset into a new file, filled with `id`'s pattern, proven by
/// FIEMAP. `freed` is how many bytes were freed around it: allocators like to hand out a hole of
/// just the size asked for. With `take_all` it goes on, if need be, until nearly all free space is
/// its own: never where somebody else may want some. An empty result: the filesystem did not hand
/// it out (still busy, or not freed at all). The caller removes it with give_back().
[[nodiscard]] Result<std::optional<Reuse>> take_block(const DaxDirectory& directory,
                                                      std::uint64_t physical, std::uint64_t freed,
                                                      bool take_all, PatternId id);

/// Removes the file of take_block() and lets the filesystem reclaim its space.
void give_back(Reuse reuse);

}  // namespace daxbreak
