// SPDX-License-Identifier: GPL-2.0
/// The files of a measurement: made before a repetition, looked at after it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "job/measure.h"
#include "kernel/census.h"
#include "kernel/scheme.h"
#include "oracle/verdict.h"
#include "pmem/mount.h"

namespace daxbreak {

/// Whose pattern the first half of a measurement's block device holds.
inline constexpr std::uint32_t device_owner = 0x10000;
/// How many bytes of a file carry its pattern; behind them it holds zeroes.
[[nodiscard]] std::uint64_t patterned_bytes(const MeasurePoint& point);

/// Fills the first half of a block device with its pattern.
Result<void> fill_device(const std::string& device, std::uint64_t bytes);

/// The files of one repetition, with blocks for every byte. Removed when destroyed, and the clones
/// that breakers made of them with them: those may have been killed.
class MeasureFiles {
 public:
  [[nodiscard]] static Result<MeasureFiles> make(const DaxDirectory& directory,
                                                 const MeasurePoint& point);
  MeasureFiles(MeasureFiles&&) noexcept = default;
  MeasureFiles& operator=(MeasureFiles&&) noexcept = default;
  ~MeasureFiles();

  [[nodiscard]] const std::string& path(std::size_t number) const { return paths_.at(number); }
  [[nodiscard]] std::size_t count() const { return paths_.size(); }
  [[nodiscard]] std::uint64_t inode(std::size_t number) const { return inodes_.at(number); }

  /// A file in memory as long as one of them, with its pattern: what faults in a storm read.
  [[nodiscard]] Result<Fd> marks(std::size_t number) const;

  /// What storms may not have done to the data: `isolation` findings. Nobody uses the files now.
  [[nodiscard]] Result<std::vector<Finding>> check_data() const;

  /// Gives all blocks back, from another process: for a page that is still referenced the kernel
  /// waits for ever. A finding where that took longer than `limit`; the files are abandoned then.
  [[nodiscard]] Result<std::optional<Finding>> give_back(Nanos limit);

  /// Leaves files and descriptors as they are: to close or unlink them might never end.
  void abandon();

  /// Looks at the pages that the files had at the beginning and at the end, once their blocks are
  /// given back: a `count-drift` finding, or none.
  [[nodiscard]] Result<std::optional<Finding>> check_counts(const CensusReader& census,
                                                            const Scheme& scheme);

 private:
  MeasureFiles(const DaxDirectory& directory, const MeasurePoint& point)
      : base_(directory.frames.first), point_(point) {}
  Result<void> make_one(const std::string& path);
  Result<void> look_up();
  [[nodiscard]] std::vector<std::string> clones() const;

  Pfn base_;
  MeasurePoint point_;
  std::vector<std::string> paths_;
  std::vector<Fd> fds_;
  std::vector<std::uint64_t> inodes_;
  std::vector<PfnRange> frames_;
};

}  // namespace daxbreak
