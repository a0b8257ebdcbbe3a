// SPDX-License-Identifier: GPL-2.0
#include "report/findings_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "report/marks.h"
#include "report/tally.h"
#include "report/text.h"

namespace daxbreak {
namespace {

constexpr std::size_t most_evidence = 16;

/// A trial with one of its findings.
struct Case {
  const TrialRecord* trial = nullptr;
  const Finding* finding = nullptr;
};

/// One defect: what explains it, or "" and the kind that nothing explains.
struct Defect {
  const KnownFinding* known = nullptr;
  std::set<std::string> kinds;
  std::vector<Case> cases;
};

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

const Case& simplest(const std::vector<Case>& cases) {
  return *std::min_element(cases.begin(), cases.end(), [](const Case& left, const Case& right) {
    const auto worth = [](const Case& one) {
      return std::tuple(one.finding->evidence.empty(), one.trial->came_back < one.trial->attempts,
                        intricacy(one.trial->timeline.cell), one.trial->index);
    };
    return worth(left) < worth(right);
  });
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

std::string counts_table(const RunRecord& run, const std::vector<KnownFinding>& known) {
  std::string out =
      "| kernel | version | scheme | run | passed | failed | of these unexplained | inconclusive | "
      "skipped |\n|---|---|---|---|---|---|---|---|---|\n";
  for (const std::string& kernel : kernels_of(run)) {
    const Environment& environment = environment_of(run, kernel);
    const Tally tally = tally_of(run, known, kernel);
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", kernel,
                       environment.version, environment.scheme, tally.ran(), tally.passed,
                       tally.failed, tally.failed - tally.known, tally.inconclusive, tally.skipped);
  }
  return out;
}

std::string reasons(const std::string& title, const std::map<std::string, std::size_t>& why) {
  if (why.empty()) return "";
  std::vector<std::pair<std::string, std::size_t>> sorted(why.begin(), why.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& left, const auto& right) { return left.second > right.second; });
  std::string out = title + "\n\n";
  for (const auto& [reason, count] : sorted)
    out += fmt::format("- {}: {}\n", count, reason);
  return out + "\n";
}

/// "| 6.1 | 12 of 456 | `cell` |" for each kernel that shows it.
std::string kernels_table(const RunRecord& run, const std::vector<KnownFinding>& known,
                          const Defect& defect) {
  std::string out = "| kernel | trials that show it | simplest of them |\n|---|---|---|\n";
  for (const std::string& kernel : kernels_of(run)) {
    std::vector<Case> here;
    std::set<std::uint64_t> trials;
    for (const Case& one : defect.cases) {
      if (one.trial->timeline.cell.kernel != kernel) continue;
      here.push_back(one);
      trials.insert(one.trial->index);
    }
    const Tally tally = tally_of(run, known, kernel);
    if (here.empty())
      out += fmt::format("| {} | 0 of {} | |\n", kernel, tally.ran());
    else
      out += fmt::format("| {} | {} of {} | `{}` |\n", kernel, trials.size(), tally.ran(),
                         simplest(here).trial->timeline.cell.id());
  }
  return out;
}

std::string section(const RunRecord& run, const std::vector<KnownFinding>& known,
                    const Defect& defect) {
  const Case& example = simplest(defect.cases);
  const Cell& cell = example.trial->timeline.cell;
  std::string out =
      fmt::format("## {}\n\n", defect.known != nullptr ? defect.known->id
                                                       : "not explained: " + *defect.kinds.begin());
  out += fmt::format("Findings: {}.\n\n", fmt::join(defect.kinds, ", "));
  if (defect.known != nullptr && !defect.known->note.empty()) out += defect.known->note + "\n\n";
  if (defect.known != nullptr && !defect.known->reference.empty())
    out += "Reference: " + defect.known->reference + "\n\n";
  out += kernels_table(run, known, defect) + "\n";
  out += fmt::format(
      "On {}, `{}`: {}{}\n\n", kernel_title(environment_of(run, cell.kernel), cell.kernel),
      cell.id(), example.finding->sentence, example.finding->sentence.ends_with('.') ? "" : ".");
  if (!example.finding->evidence.empty()) {
    out += "```\n";
    const std::size_t shown = std::min(example.finding->evidence.size(), most_evidence);
    for (std::size_t i = 0; i < shown; ++i) {
      const std::string& line = example.finding->evidence[i];
      out += line.substr(0, line.find_last_not_of(" \t\r\n") + 1) + "\n";
    }
    out += "```\n\n";
  }
  out += fmt::format(
      "Again: `daxbreak matrix --kernel {} --cell {}`; stand-alone: `daxbreak "
      "reproducer {}`.\n\n",
      cell.kernel, cell.id(), cell.id());
  return out;
}

}  // namespace

std::string format_findings_page(const RunRecord& run, const std::vector<KnownFinding>& known) {
  std::string out =
      "<!-- SPDX-License-Identifier: GPL-2.0 -->\n"
      "<!-- Made by `daxbreak report RUN --output-format findings-page`; edit "
      "configs/known-findings "
      "instead. -->\n# What was found\n\n";
  out +=
      fmt::format("By `{}`, begun {}. A cell is written filesystem/page/pin/breaker/disturber.\n\n",
                  run.command, run.started);
  out += counts_table(run, known) + "\n";
  const Tally all = tally_of(run, known);
  out += reasons("Skipped trials, by reason:", all.why_skipped);
  out += reasons("Inconclusive trials, by reason:", all.why_inconclusive);
  for (const Defect& defect : defects_of(run, known))
    out += section(run, known, defect);
  while (out.ends_with("\n\n"))
    out.pop_back();
  return out;
}

}  // namespace daxbreak
