// SPDX-License-Identifier: GPL-2.0
/// A run as CI systems see it: one suite for each kernel, one check for each cell.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/known.h"
#include "report/tally.h"
#include "result/record.h"

namespace daxbreak {

/// How a check ended. Together they say what the exit status says.
enum class CheckState {
  passed,
  failed,
  excused,   ///< failed, and every finding is one that the user expects (Expect::known)
  skipped,   ///< not run
  unproved,  ///< ran and proved nothing
  broken,    ///< something of the run itself is missing: a machine died, a kernel was not to be had
};

/// One finding of a check.
struct CheckFinding {
  std::string kind;
  std::string sentence;
  std::string known;  ///< the note of known-findings that explains it, "" where none does
  std::vector<std::string> evidence;
};

/// One check.
struct Check {
  std::string name;  ///< Cell::id(), or what else was looked at
  CheckState state = CheckState::passed;
  std::string reason;  ///< why it was skipped, unproved or broken
  std::vector<CheckFinding> findings;
  double seconds = 0;
};

/// The checks of one kernel.
struct CheckSuite {
  std::string name;  ///< the kernel's
  Environment environment;
  std::vector<Check> checks;

  [[nodiscard]] std::size_t count(CheckState state) const;
  /// No check failed or is broken.
  [[nodiscard]] bool good() const;
};

/// Every trial, measurement and census that must be at rest, and every incident. Never empty: a run
/// without anything gives a suite that says so. Pure.
[[nodiscard]] std::vector<CheckSuite> checks_of(const RunRecord& run,
                                                const std::vector<KnownFinding>& known,
                                                Expect expect);

}  // namespace daxbreak
