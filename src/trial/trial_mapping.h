// SPDX-License-Identifier: GPL-2.0
/// How a trial has its file in memory: mapped as the kind of memory says, touched, and proven to be
/// mapped by pages of the size asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "pmem/mapping.h"
#include "trial/layout.h"
#include "trial/timeline.h"
#include "workloads/memory/memory.h"

namespace daxbreak {

/// The kind's first access.
void first_touch(const MemoryKind& memory, std::byte* address);

/// The mapping of the trial's file, and of the file that shares its blocks where the kind has that
/// one mapped too. Stays where it is: disturbers have pointers into it.
class TrialMapping {
 public:
  /// The kind outlives it.
  TrialMapping(const MemoryKind& memory, std::uint64_t page_size)
      : memory_(memory), page_size_(page_size) {}
  TrialMapping(const TrialMapping&) = delete;
  TrialMapping& operator=(const TrialMapping&) = delete;

  /// Maps the file. Touches nothing yet.
  Result<void> map(int fd);
  /// Whether that was done, also if it was unmapped since.
  [[nodiscard]] bool was_mapped() const { return file_.has_value(); }

  /// A part of the file. Only while it is mapped.
  [[nodiscard]] std::span<std::byte> part(const Stretch& stretch) const {
    return {file_->data() + stretch.offset, stretch.length};
  }
  /// For disturbers, which may unmap it. Only if was_mapped().
  [[nodiscard]] FileMapping& file() { return *file_; }

  /// Faults the pinned pages in and proves the size of their mapping, which goes into the timeline.
  Result<void> fault_in(std::span<std::byte> pinned, Timeline& timeline) const;

  /// The blocks' other owner maps them too, and touches the page at `offset`.
  Result<void> map_clone(int fd, std::uint64_t offset);

  /// Unmaps the file now; harmless if that was done already, or it never was mapped.
  Result<void> unmap() { return file_ ? file_->unmap() : ok(); }
  /// Unmaps the other owner now, if it has mapped them.
  void unmap_clone() { clone_.reset(); }

 private:
  const MemoryKind& memory_;
  const std::uint64_t page_size_;
  std::optional<FileMapping> file_;
  std::optional<FileMapping> clone_;
};

}  // namespace daxbreak
