// SPDX-License-Identifier: GPL-2.0
/// The sub-directory of a DAX mount in which a host run works.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// DIR/daxbreak-run-PID, removed with all it holds when this goes away. Holds a lock on DIR, so
/// that every such folder found there while having the lock is one that a killed run left. Trials
/// inherit the lock: a task of one that cannot be killed goes on holding it.
class Workplace {
 public:
  /// Clears what killed runs left, then makes the folder. An Error if another run works in `where`.
  [[nodiscard]] static Result<Workplace> make(const std::filesystem::path& where);
  Workplace(Workplace&& other) noexcept
      : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}
  Workplace& operator=(Workplace&&) = delete;
  ~Workplace();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Leaves the folder where it is, for `doctor --clean`. After a wedge: to remove the file that a
  /// stuck task holds may never return.
  void abandon() { path_.clear(); }

 private:
  Workplace(std::filesystem::path path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::filesystem::path path_;
  Fd lock_;
};

/// Removes the folders that killed runs left in `where`, unless a run works there now. Returns
/// what it removed.
[[nodiscard]] Result<std::vector<std::filesystem::path>> clear_workplaces(
    const std::filesystem::path& where);

}  // namespace daxbreak
