// SPDX-License-Identifier: GPL-2.0
#include "report/defects.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "report/marks.h"
#include "report/tally.h"

namespace daxbreak {
namespace {

/// How far a cell is from the simplest one: what a reader need not wonder about counts.
int intricacy(const Cell& cell) {
  const Cell usual;
  int score = 0;
  score += cell.disturber == usual.disturber ? 0 : 4;
  score += cell.memory == usual.memory ? 0 : 4;
  score += cell.range == usual.range ? 0 : 4;
  score += cell.page_size == usual.page_size ? 0 : 2;
  score += cell.pin == "vmsplice" ? 0 : 2;
  score += cell.breaker == "truncate" ? 0 : 2;
  score += cell.filesystem == "ext4" ? 0 : 1;
  return score;
}

}  // namespace

std::string Defect::title() const {
  return known != nullptr ? known->id : "not explained: " + *kinds.begin();
}

std::vector<Defect> defects_of(const RunRecord& run, const std::vector<KnownFinding>& known) {
  std::map<std::string, Defect> by_name;
  for (const TrialRecord& trial : run.trials) {
    if (trial.verdict.outcome != Outcome::fail) continue;
    const Environment& environment = environment_of(run, trial.timeline.cell.kernel);
    for (const Finding& finding : trial.verdict.findings) {
      const KnownFinding* const why = explain(finding, trial.timeline.cell, environment, known);
      Defect& defect = by_name[why != nullptr ? why->id : "~" + finding.kind];
      defect.known = why;
      defect.kinds.insert(finding.kind);
      defect.cases.push_back({&trial, &finding});
    }
  }
  std::vector<Defect> defects;
  for (auto& [name, defect] : by_name)
    defects.push_back(std::move(defect));
  const auto rank = [](const Defect& defect) {
    std::size_t best = finding_kinds().size();
    for (const std::string& kind : defect.kinds)
      best = std::min(best, static_cast<std::size_t>(rank_of(kind)));
    return std::tuple(defect.known != nullptr, best);
  };
  std::stable_sort(defects.begin(), defects.end(), [&](const Defect& left, const Defect& right) {
    return rank(left) < rank(right);
  });
  return defects;
}

const DefectCase& simplest_case(const std::vector<DefectCase>& cases) {
  return *std::min_element(
      cases.begin(), cases.end(), [](const DefectCase& left, const DefectCase& right) {
        const auto worth = [](const DefectCase& one) {
          return std::tuple(one.finding->evidence.empty(),
                            one.trial->came_back < one.trial->attempts,
                            intricacy(one.trial->timeline.cell), one.trial->index);
        };
        return worth(left) < worth(right);
      });
}

}  // namespace daxbreak
