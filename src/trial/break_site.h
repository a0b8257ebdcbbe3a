// SPDX-License-Identifier: GPL-2.0
/// What a trial's breaker acts on: the files, the folder they are in, and the block under the pin.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fd.h"
#include "base/result.h"
#include "pmem/mount.h"
#include "trial/layout.h"
#include "trial/pattern.h"
#include "trial/trial_file.h"
#include "workloads/breaker/breaker.h"
#include "workloads/memory/memory.h"

namespace daxbreak {

/// The trial's file, the breaker's partner if its kind wants one, and the target that names both.
/// All of it is removed when this is destroyed, however far it was made.
class BreakSite {
 public:
  /// Directory and kinds outlive it. The ids are the files' owners.
  BreakSite(const DaxDirectory& directory, const BreakerKind& breaker, const MemoryKind& memory,
            PatternId file, PatternId partner)
      : directory_(directory),
        breaker_(breaker),
        memory_(memory),
        file_id_(file),
        partner_id_(partner) {}
  BreakSite(const BreakSite&) = delete;
  BreakSite& operator=(const BreakSite&) = delete;

  /// First: the file, with its hole if the memory is one.
  Result<void> make_file(const Layout& layout);

  /// Then, with blocks that are to be shared shared already: the partner and the target.
  Result<void> make_target(const Layout& layout);

  /// Once it is made.
  [[nodiscard]] TrialFile& file() { return *file_; }
  [[nodiscard]] const TrialFile& file() const { return *file_; }
  /// nullptr if there is none.
  [[nodiscard]] const TrialFile* partner() const { return partner_ ? &*partner_ : nullptr; }
  [[nodiscard]] const BreakTarget& target() const { return target_; }
  /// Device offset of the pinned block; 0 if it is a hole.
  [[nodiscard]] std::uint64_t pinned_physical() const { return pinned_physical_; }

  /// Whether the file's map has lost the pinned block. Only while its descriptor is open.
  [[nodiscard]] Result<bool> lost_block() const;
  /// Whether the file has nothing left, or nobody can tell any more because its descriptor was
  /// closed.
  [[nodiscard]] bool emptied() const;

  /// Closes the trial's own descriptors: the breaker's are the last then.
  void close();
  /// Removes the files now.
  void remove();

 private:
  const DaxDirectory& directory_;
  const BreakerKind& breaker_;
  const MemoryKind& memory_;
  const PatternId file_id_;
  const PatternId partner_id_;

  std::optional<TrialFile> file_;
  std::optional<TrialFile> partner_;
  Fd folder_;
  BreakTarget target_;
  std::uint64_t pinned_physical_ = 0;
};

}  // namespace daxbreak
