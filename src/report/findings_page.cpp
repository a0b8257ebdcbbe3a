// SPDX-License-Identifier: GPL-2.0
#include "report/findings_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "report/defects.h"
#include "report/tally.h"
#include "report/text.h"

namespace daxbreak {
namespace {

constexpr std::size_t most_evidence = 16;

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
    std::vector<DefectCase> here;
    std::set<std::uint64_t> trials;
    for (const DefectCase& one : defect.cases) {
      if (one.trial->timeline.cell.kernel != kernel) continue;
      here.push_back(one);
      trials.insert(one.trial->index);
    }
    const Tally tally = tally_of(run, known, kernel);
    if (here.empty())
      out += fmt::format("| {} | 0 of {} | |\n", kernel, tally.ran());
    else
      out += fmt::format("| {} | {} of {} | `{}` |\n", kernel, trials.size(), tally.ran(),
                         simplest_case(here).trial->timeline.cell.id());
  }
  return out;
}

std::string section(const RunRecord& run, const std::vector<KnownFinding>& known,
                    const Defect& defect) {
  const DefectCase& example = simplest_case(defect.cases);
  const Cell& cell = example.trial->timeline.cell;
  std::string out = fmt::format("## {}\n\n", defect.title());
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
