// SPDX-License-Identifier: GPL-2.0
/// The private temporary folder of one run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// A folder (mode 0700) under $TMPDIR or /tmp, removed with all it holds when this goes away. Its
/// name carries the process id and that process's start time, so that what a killed run left
/// behind can be told from what a living one needs.
class LabDirectory {
 public:
  [[nodiscard]] static Result<LabDirectory> make();
  LabDirectory(LabDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  LabDirectory& operator=(LabDirectory&& other) noexcept;
  LabDirectory(const LabDirectory&) = delete;
  LabDirectory& operator=(const LabDirectory&) = delete;
  ~LabDirectory();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit LabDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// Folders of this user's runs that were killed before they could clean up.
[[nodiscard]] Result<std::vector<std::filesystem::path>> stale_lab_files();

/// Removes them. Runs that still live keep theirs.
Result<void> remove_stale_lab_files();

}  // namespace daxbreak
