// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/units.h"
#include "report/compare_parts.h"
#include "report/marks.h"
#include "report/tally.h"

namespace daxbreak {
namespace {

/// One side of all cells: by name, in the order of the run.
struct Sides {
  std::vector<std::string> order;
  std::map<std::string, CellSide> by_name;
  std::map<std::string, Cell> cells;  // of those that are cells
  std::map<std::string, std::vector<const TrialRecord*>> trials;
  std::map<std::string, std::vector<const MeasureRecord*>> measures;
};

void add_verdict(CellSide& side, const Verdict& verdict) {
  switch (verdict.outcome) {
    case Outcome::pass:
      ++side.passed;
      break;
    case Outcome::fail: {
      ++side.failed;
      std::set<std::string> kinds;
      for (const Finding& finding : verdict.findings)
        kinds.insert(finding.kind);
      if (kinds.empty()) kinds.insert("fail");
      for (const std::string& kind : kinds)
        ++side.findings[kind];
      if (side.sentence.empty() && !verdict.findings.empty())
        side.sentence = verdict.findings.front().sentence;
      break;
    }
    case Outcome::inconclusive:
      ++side.inconclusive;
      break;
    case Outcome::skip:
      ++side.skipped;
      break;
  }
  if (side.reason.empty()) side.reason = verdict.reason;
}

CellSide& side_named(Sides& sides, const std::string& name) {
  const auto [at, fresh] = sides.by_name.try_emplace(name);
  if (fresh) sides.order.push_back(name);
  return at->second;
}

Sides sides_of(const KernelPart& part) {
  Sides sides;
  for (const TrialRecord& trial : part.run.trials) {
    if (trial.timeline.cell.kernel != part.kernel) continue;
    const std::string name = trial.timeline.cell.id();
    CellSide& side = side_named(sides, name);
    add_verdict(side, trial.verdict);
    if (trial.verdict.outcome == Outcome::fail && trial.attempts > 1 &&
        trial.came_back < trial.attempts)
      side.flickers = true;
    Cell cell = trial.timeline.cell;
    cell.kernel.clear();
    sides.cells.emplace(name, cell);
    sides.trials[name].push_back(&trial);
  }
  for (const MeasureRecord& measure : part.run.measures) {
    if (measure.kernel != part.kernel) continue;
    const std::string name = point_name(measure);
    add_verdict(side_named(sides, name), measure.verdict);
    sides.measures[name].push_back(&measure);
  }
  return sides;
}

std::size_t trials_with(const CellSide& side, const std::string& kind) {
  const auto at = side.findings.find(kind);
  return at == side.findings.end() ? 0 : at->second;
}

/// Kinds of both sides, the worst first.
std::vector<std::string> kinds_of(const CellSide& base, const CellSide& other) {
  std::set<std::string> all;
  for (const CellSide* side : {&base, &other})
    for (const auto& [kind, trials] : side->findings)
      all.insert(kind);
  std::vector<std::string> kinds(all.begin(), all.end());
  std::stable_sort(kinds.begin(), kinds.end(), [](const std::string& a, const std::string& b) {
    return rank_of(a) < rank_of(b);
  });
  return kinds;
}

/// "pass", "lost-wakeup, leak", "lost-wakeup in 3 of 10", "inconclusive", "skip".
std::string state_of(const CellSide& side) {
  if (side.proven() == 0) return side.inconclusive > 0 ? "inconclusive" : "skip";
  if (side.failed == 0) return "pass";
  std::vector<std::string> parts;
  for (const std::string& kind : kinds_of(side, {})) {
    const std::size_t trials = trials_with(side, kind);
    parts.push_back(trials == side.proven()
                        ? kind
                        : fmt::format("{} in {} of {}", kind, trials, side.proven()));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// Tells the findings of a cell apart: those that are there always or never, and those that come
/// and go. For the latter only chance can be asked, and only where there was more than one trial.
void compare_findings(CellChange& change) {
  const CellSide& base = change.base;
  const CellSide& other = change.other;
  if (base.proven() == 0 || other.proven() == 0) return;
  for (const std::string& kind : kinds_of(base, other)) {
    const std::size_t before = trials_with(base, kind);
    const std::size_t after = trials_with(other, kind);
    const bool was = before == base.proven();
    const bool is = after == other.proven();
    if (before == 0 && is && !other.flickers) {
      change.appeared.push_back(kind);
    } else if (was && after == 0 && !base.flickers) {
      change.vanished.push_back(kind);
    } else if (was != is || (!was && before * other.proven() != after * base.proven())) {
      change.flickering.push_back({.kind = kind,
                                   .p = fisher_exact(before, base.proven(), after, other.proven()),
                                   .testable = base.proven() > 1 && other.proven() > 1,
                                   .more = after * base.proven() > before * other.proven()});
    }
  }
}

const Cell& subject_of(const TrialRecord& trial) {
  return trial.timeline.cell;
}
const MeasureRecord& subject_of(const MeasureRecord& measure) {
  return measure;
}

/// The entry that explains every finding that is new, in every trial or repetition that has it.
template <class Record>
std::string known_entry(const CellChange& change, const std::vector<const Record*>& records,
                        const Environment& environment, const std::vector<KnownFinding>& known) {
  std::string id;
  for (const Record* record : records)
    for (const Finding& finding : record->verdict.findings) {
      if (std::find(change.appeared.begin(), change.appeared.end(), finding.kind) ==
          change.appeared.end())
        continue;
      const KnownFinding* const entry = explain(finding, subject_of(*record), environment, known);
      if (entry == nullptr) return "";
      if (id.empty()) id = entry->id;
    }
  return id;
}

void judge_cell(CellChange& change, double miss) {
  const std::string was = state_of(change.base);
  const std::string is = state_of(change.other);
  change.change = was == is ? was : was + " -> " + is;
  if (change.base.proven() == 0 || change.other.proven() == 0) {
    const bool neither = change.base.proven() == 0 && change.other.proven() == 0;
    change.judgement = was == is ? Judgement::no_difference : Judgement::cant_tell;
    if (change.judgement == Judgement::cant_tell)
      change.why = neither                     ? "nothing was proven either time"
                   : change.base.proven() == 0 ? "nothing was proven in the base"
                                               : "nothing was proven this time";
    return;
  }
  std::vector<Judgement> found;
  if (!change.appeared.empty()) found.push_back(Judgement::worse);
  if (!change.vanished.empty()) found.push_back(Judgement::better);
  for (const FlickeringKind& one : change.flickering) {
    const bool certain = one.testable && one.p < miss;
    found.push_back(!certain   ? Judgement::cant_tell
                    : one.more ? Judgement::worse
                               : Judgement::better);
    if (certain || !change.why.empty()) continue;
    change.why = one.testable
                     ? fmt::format("{} comes and goes; chance makes such a difference in {:.2g} %",
                                   one.kind, one.p * 100)
                     : fmt::format("{} did not come back when it was run again", one.kind);
  }
  if (found.empty() && change.other.failed == 0 &&
      change.other.inconclusive > change.base.inconclusive) {
    change.judgement = Judgement::cant_tell;
    change.why =
        fmt::format("{} of {} proved nothing, {} of {} in the base", change.other.inconclusive,
                    change.other.trials(), change.base.inconclusive, change.base.trials());
    return;
  }
  change.judgement = all_of(found);
  if (change.judgement != Judgement::cant_tell) change.why.clear();
}

}  // namespace

std::string point_name(const MeasureRecord& measure) {
  std::string name = measure.load;
  if (!measure.job.empty() && measure.job != measure.load) name = measure.job + ": " + name;
  name += fmt::format(" {}/{}", measure.filesystem, format_size(measure.page_size));
  for (const auto& [key, value] : measure.point)
    name += fmt::format(" {}={}", key, value);
  if (!measure.engine.empty() && measure.engine != "daxbreak") name += " (" + measure.engine + ")";
  return name;
}

void compare_cells(const KernelPart& base, const KernelPart& other,
                   const std::vector<KnownFinding>& known, KernelComparison& into) {
  const Sides left = sides_of(base);
  const Sides right = sides_of(other);
  const auto alone = [](const Sides& mine, const Sides& theirs, std::vector<Cell>& cells,
                        std::vector<std::string>& measures) {
    for (const std::string& name : mine.order) {
      if (theirs.by_name.contains(name)) continue;
      if (const auto at = mine.cells.find(name); at != mine.cells.end())
        cells.push_back(at->second);
      else
        measures.push_back(name);
    }
  };
  alone(left, right, into.only_base, into.measures_only_base);
  alone(right, left, into.only_other, into.measures_only_other);
  for (const std::string& name : left.order) {
    const auto there = right.by_name.find(name);
    if (there == right.by_name.end()) continue;
    CellChange change{.name = name, .base = left.by_name.at(name), .other = there->second};
    const auto cell = left.cells.find(name);
    change.measured = cell == left.cells.end();
    if (!change.measured) change.cell = cell->second;
    compare_findings(change);
    const auto trials = right.trials.find(name);
    const auto measures = right.measures.find(name);
    if (!change.appeared.empty() && trials != right.trials.end())
      change.known = known_entry(change, trials->second, into.other, known);
    else if (!change.appeared.empty() && measures != right.measures.end())
      change.known = known_entry(change, measures->second, into.other, known);
    into.cells.push_back(std::move(change));
  }
}

void judge_cells(KernelComparison& comparison, const CompareRules& rules, std::size_t tests) {
  const double miss = (1 - rules.confidence) / static_cast<double>(std::max<std::size_t>(tests, 1));
  for (CellChange& change : comparison.cells)
    judge_cell(change, miss);
}

void compare_censuses(const KernelPart& base, const KernelPart& other, KernelComparison& into) {
  const auto astray = [](const KernelPart& part) {
    std::map<std::string, std::uint64_t> pages;
    for (const CensusRecord& census : part.run.censuses)
      if (census.kernel == part.kernel && census.idle_expected)
        pages[census.subject] += pages_astray(census);
    return pages;
  };
  const auto right = astray(other);
  for (const auto& [subject, pages] : astray(base)) {
    const auto there = right.find(subject);
    if (there == right.end()) continue;
    CensusChange change{.subject = subject, .base = pages, .other = there->second};
    if ((change.base == 0) != (change.other == 0))
      change.judgement = change.base == 0 ? Judgement::worse : Judgement::better;
    into.censuses.push_back(std::move(change));
  }
}

}  // namespace daxbreak
