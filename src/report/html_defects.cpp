// SPDX-License-Identifier: GPL-2.0
#include "report/html_defects.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "report/cells.h"
#include "report/defects.h"
#include "report/reproducer.h"
#include "report/tally.h"

namespace daxbreak::html {
namespace {

constexpr std::size_t most_patterns = 8;

/// What ran on a kernel to a verdict: what a pattern ranges over.
std::vector<Cell> judged_cells(const RunRecord& run, const std::string& kernel) {
  std::vector<Cell> cells;
  for (const TrialRecord& trial : run.trials)
    if (trial.timeline.cell.kernel == kernel &&
        (trial.verdict.outcome == Outcome::pass || trial.verdict.outcome == Outcome::fail))
      cells.push_back(trial.timeline.cell);
  return cells;
}

struct KernelCells {
  std::string kernel;
  std::vector<Cell> judged;
  std::size_t ran = 0;
};

Json kernel_json(const KernelCells& on, const Defect& defect) {
  std::vector<DefectCase> here;
  std::set<const TrialRecord*> trials;
  for (const DefectCase& one : defect.cases) {
    if (one.trial->timeline.cell.kernel != on.kernel) continue;
    here.push_back(one);
    trials.insert(one.trial);
  }
  if (here.empty()) return {on.kernel, 0, on.ran};
  std::vector<Cell> hit;
  long attempts = 0;
  long came_back = 0;
  for (const TrialRecord* const trial : trials) {
    hit.push_back(trial->timeline.cell);
    attempts += trial->attempts;
    came_back += trial->came_back;
  }
  // Not rerun: an attempt each, and nothing to come back.
  const bool rerun = attempts > static_cast<long>(trials.size());
  std::vector<std::string> patterns = describe_cells(hit, on.judged);
  Json common = Json::array();
  const std::size_t all = patterns.size();
  if (all > most_patterns) {
    patterns.resize(most_patterns);
    common = common_factors(hit, on.judged);
  }
  return {on.kernel,
          trials.size(),
          on.ran,
          rerun ? came_back : 0,
          rerun ? attempts : 0,
          simplest_case(here).trial->timeline.cell.id(),
          patterns,
          all - patterns.size(),
          std::move(common)};
}

Json program_json(const Cell& cell, StringTable& lines) {
  const auto program = reproducer(cell);
  if (!program) return program.error().message();
  Json numbers = Json::array();
  std::string_view rest = *program;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    numbers.push_back(lines.number(rest.substr(0, end)));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return numbers;
}

}  // namespace

Json defects_json(const RunRecord& run, const std::vector<KnownFinding>& known) {
  std::vector<KernelCells> kernels;
  for (const std::string& kernel : kernels_of(run))
    kernels.push_back({kernel, judged_cells(run, kernel), tally_of(run, known, kernel).ran()});
  StringTable lines;
  std::map<std::string, std::size_t> programs;  // of a cell -> the defect that has it
  Json list = Json::array();
  for (const Defect& defect : defects_of(run, known)) {
    const DefectCase& example = simplest_case(defect.cases);
    const Cell& cell = example.trial->timeline.cell;
    const auto& findings = example.trial->verdict.findings;
    Json on = Json::array();
    for (const KernelCells& kernel : kernels)
      on.push_back(kernel_json(kernel, defect));
    Json one = {{"title", defect.title()},
                {"known", defect.known == nullptr ? Json()
                                                  : Json{defect.known->id, defect.known->note,
                                                         defect.known->reference}},
                {"kinds", defect.kinds},
                {"kernels", std::move(on)},
                {"trial", example.trial - run.trials.data()},
                {"finding", example.finding - findings.data()},
                {"cell", cell.id()},
                {"kernel", cell.kernel}};
    const auto [same, fresh] = programs.emplace(cell.id(), list.size());
    if (fresh)
      one["program"] = program_json(cell, lines);
    else
      one["programOf"] = same->second;
    list.push_back(std::move(one));
  }
  return {{"list", std::move(list)}, {"lines", lines.all()}};
}

}  // namespace daxbreak::html
