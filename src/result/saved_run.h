// SPDX-License-Identifier: GPL-2.0
/// Runs that were saved, read back.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "result/stream.h"

namespace daxbreak {

/// A run as it was found on disk.
struct SavedRun {
  RunRecord run;
  std::vector<std::string> notes;  ///< what is not as it should be, in sentences: cut short, ...
};

/// Takes one line of the event stream into the run. Environments, and trials of the same kernel
/// and index, replace the earlier ones (a VM that was booted again repeats them). Lines of a type
/// that leaves no record ("trial_begin", unknown ones) change nothing. The guest's own lines, which
/// wrap their record, are understood as well.
Result<void> add_line(RunRecord& run, const Json& line);

/// A run from text: one "run" object (save_run()), or a raw event stream. A last line that was cut
/// off is left out and noted; any other line that cannot be read is an Error that says which.
[[nodiscard]] Result<SavedRun> parse_run(std::string_view text);

/// parse_run() of a file; errors name it.
[[nodiscard]] Result<SavedRun> load_run(const std::filesystem::path& path);

/// Writes the run as one "run" object, in a new file that takes the place of the old one only when
/// it is complete.
Result<void> save_run(const std::filesystem::path& path, const RunRecord& run);

}  // namespace daxbreak
