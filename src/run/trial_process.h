// SPDX-License-Identifier: GPL-2.0
/// One trial in a process of its own, so that a trial that hangs or crashes costs only itself.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "trial/trial.h"

namespace daxbreak {

/// How the process of a trial ended.
struct TrialEnd {
  /// Complete if the trial came to its end; else up to its last checkpoint, or just the cell where
  /// it had come to none.
  Timeline timeline;
  bool hung = false;                ///< it did not, within trial_limit(), and was killed
  bool wedged = false;              ///< it is over, but a process of it cannot be killed
  std::vector<std::string> stacks;  ///< kernel stacks of its tasks, where it hung
};

/// Forks, runs the trial there and brings its timeline back. An Error if no process could be made
/// or it died without a word.
[[nodiscard]] Result<TrialEnd> run_in_process(const Cell& cell, const TrialSetup& setup);

}  // namespace daxbreak
