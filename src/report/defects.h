// SPDX-License-Identifier: GPL-2.0
/// The failed trials of a run by what is wrong: one defect for each note of known-findings that
/// explains some of them, and one for each kind of finding that nothing explains.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "report/known.h"
#include "result/record.h"

namespace daxbreak {

/// A trial with one of its findings. Both belong to the run.
struct DefectCase {
  const TrialRecord* trial = nullptr;
  const Finding* finding = nullptr;
};

/// One defect.
struct Defect {
  const KnownFinding* known = nullptr;  ///< what explains it; nullptr: nothing does
  std::set<std::string> kinds;
  std::vector<DefectCase> cases;  ///< never empty

  /// "bio-put-loses-wake", or "not explained: stuck".
  [[nodiscard]] std::string title() const;
};

/// The defects of a run: those that nothing explains first, then by how bad their kinds are. Run
/// and notes outlive them.
[[nodiscard]] std::vector<Defect> defects_of(const RunRecord& run,
                                             const std::vector<KnownFinding>& known);

/// The case that a reader understands soonest: one with evidence, that came back, in a cell that is
/// as usual as there is one. `cases` is not empty.
[[nodiscard]] const DefectCase& simplest_case(const std::vector<DefectCase>& cases);

}  // namespace daxbreak
