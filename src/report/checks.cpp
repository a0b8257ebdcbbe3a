// SPDX-License-Identifier: GPL-2.0
#include "report/checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "report/text.h"

namespace daxbreak {
namespace {

CheckState state_of(const Verdict& verdict, bool excused) {
  switch (verdict.outcome) {
    case Outcome::pass:
      return CheckState::passed;
    case Outcome::fail:
      return excused ? CheckState::excused : CheckState::failed;
    case Outcome::skip:
      return CheckState::skipped;
    case Outcome::inconclusive:
      break;
  }
  return CheckState::unproved;
}

/// Of a cell or a measurement, whichever explain() is to be asked about.
template <class Subject>
std::vector<CheckFinding> findings_of(const Verdict& verdict, const Subject& subject,
                                      const Environment& environment,
                                      const std::vector<KnownFinding>& known) {
  std::vector<CheckFinding> findings;
  for (const Finding& finding : verdict.findings) {
    const KnownFinding* const why = explain(finding, subject, environment, known);
    findings.push_back({.kind = finding.kind,
                        .sentence = finding.sentence,
                        .known = why == nullptr ? "" : why->id,
                        .evidence = finding.evidence});
  }
  return findings;
}

Check check_of(const TrialRecord& trial, const Environment& environment,
               const std::vector<KnownFinding>& known, Expect expect) {
  const Cell& cell = trial.timeline.cell;
  const bool excused = expect == Expect::known && all_known(trial, environment, known);
  Check check{.name = cell.id(),
              .state = state_of(trial.verdict, excused),
              .reason = trial.verdict.reason,
              .seconds = trial.seconds};
  if (check.reason.empty()) check.reason = trial.timeline.skip;
  check.findings = findings_of(trial.verdict, cell, environment, known);
  return check;
}

/// "storm ext4/4k mapped=64m pinners=4, repetition 2".
Check check_of(const MeasureRecord& measure, const Environment& environment,
               const std::vector<KnownFinding>& known, Expect expect) {
  const bool excused = expect == Expect::known && all_known(measure, environment, known);
  std::string name =
      fmt::format("{} {}/{}", measure.load, measure.filesystem, format_size(measure.page_size));
  if (!measure.job.empty() && measure.job != measure.load) name = measure.job + " " + name;
  for (const auto& [key, value] : measure.point)
    name += fmt::format(" {}={}", key, value);
  if (measure.engine != "daxbreak" && !measure.engine.empty()) name += " by " + measure.engine;
  Check check{.name = fmt::format("{}, repetition {}", name, measure.repetition),
              .state = state_of(measure.verdict, excused),
              .reason = measure.verdict.reason,
              .seconds = measure.seconds};
  check.findings = findings_of(measure.verdict, measure, environment, known);
  return check;
}

Check check_of(const CensusRecord& census) {
  Check check{.name = "census of " + (census.subject.empty() ? "a namespace" : census.subject)};
  const std::uint64_t astray = pages_astray(census);
  if (astray == 0) return check;
  check.state = CheckState::failed;
  CheckFinding finding{.kind = "count-drift", .sentence = plural(astray, "page") + " not idle"};
  for (const auto& [count, pages] : census.histogram)
    finding.evidence.push_back(fmt::format("count {}: {}", count, plural(pages, "page")));
  check.findings.push_back(std::move(finding));
  return check;
}

Check check_of(const Incident& incident) {
  Check check{.name = "machine: " + incident.what,
              .state = incident.made_good ? CheckState::unproved : CheckState::broken,
              .reason = incident.sentence.empty() ? incident.what : incident.sentence};
  check.findings.push_back(
      {.kind = incident.what, .sentence = check.reason, .evidence = incident.console});
  return check;
}

/// What the exit status calls "could not run", and no other check says.
void add_if_nothing_proved(CheckSuite& suite) {
  const std::size_t proved = suite.count(CheckState::passed) + suite.count(CheckState::failed) +
                             suite.count(CheckState::excused);
  if (proved > 0 || suite.count(CheckState::broken) > 0) return;
  suite.checks.push_back({.name = "anything at all",
                          .state = CheckState::broken,
                          .reason = "nothing was proved about this kernel"});
}

std::vector<std::string> names_of(const RunRecord& run) {
  std::vector<std::string> names = kernels_of(run);
  const auto add = [&](const std::string& kernel) {
    if (std::find(names.begin(), names.end(), kernel) == names.end()) names.push_back(kernel);
  };
  for (const MeasureRecord& measure : run.measures)
    add(measure.kernel);
  for (const CensusRecord& census : run.censuses)
    add(census.kernel);
  for (const Incident& incident : run.incidents)
    add(incident.kernel);
  return names;
}

}  // namespace

std::size_t CheckSuite::count(CheckState state) const {
  return static_cast<std::size_t>(std::count_if(
      checks.begin(), checks.end(), [state](const Check& check) { return check.state == state; }));
}

bool CheckSuite::good() const {
  return count(CheckState::failed) + count(CheckState::broken) == 0;
}

std::vector<CheckSuite> checks_of(const RunRecord& run, const std::vector<KnownFinding>& known,
                                  Expect expect) {
  std::vector<CheckSuite> suites;
  for (const std::string& kernel : names_of(run)) {
    const Environment& environment = environment_of(run, kernel);
    CheckSuite suite{.name = kernel.empty() ? "lab" : kernel, .environment = environment};
    for (const TrialRecord& trial : run.trials)
      if (trial.timeline.cell.kernel == kernel)
        suite.checks.push_back(check_of(trial, environment, known, expect));
    for (const MeasureRecord& measure : run.measures)
      if (measure.kernel == kernel)
        suite.checks.push_back(check_of(measure, environment, known, expect));
    // Whether anything was proved is a matter of trials and measurements.
    CheckSuite around;
    for (const CensusRecord& census : run.censuses)
      if (census.kernel == kernel && census.idle_expected)
        around.checks.push_back(check_of(census));
    for (const Incident& incident : run.incidents)
      if (incident.kernel == kernel) around.checks.push_back(check_of(incident));
    if (around.count(CheckState::broken) == 0) add_if_nothing_proved(suite);
    std::move(around.checks.begin(), around.checks.end(), std::back_inserter(suite.checks));
    suites.push_back(std::move(suite));
  }
  if (suites.empty()) {
    suites.push_back({.name = "daxbreak"});
    suites.back().checks.push_back(
        {.name = "run", .state = CheckState::broken, .reason = "no trial was run"});
  }
  return suites;
}

}  // namespace daxbreak
