// SPDX-License-Identifier: GPL-2.0
#include "report/tally.h"

#include <fmt/format.h>

#include <algorithm>

namespace daxbreak {
namespace {

constexpr std::string_view no_reason = "no reason was given";

std::string reason_of(const TrialRecord& trial) {
  if (!trial.verdict.reason.empty()) return trial.verdict.reason;
  if (!trial.timeline.skip.empty()) return trial.timeline.skip;
  return trial.timeline.trouble.empty() ? std::string(no_reason) : trial.timeline.trouble;
}

}  // namespace

Tally tally_of(const RunRecord& run, const std::vector<KnownFinding>& known,
               const std::string& kernel) {
  Tally tally;
  for (const TrialRecord& trial : run.trials) {
    const std::string& of = trial.timeline.cell.kernel;
    if (!kernel.empty() && of != kernel) continue;
    switch (trial.verdict.outcome) {
      case Outcome::pass:
        ++tally.passed;
        break;
      case Outcome::fail:
        ++tally.failed;
        if (all_known(trial, environment_of(run, of), known)) ++tally.known;
        break;
      case Outcome::inconclusive:
        ++tally.inconclusive;
        ++tally.why_inconclusive[reason_of(trial)];
        break;
      case Outcome::skip:
        ++tally.skipped;
        ++tally.why_skipped[reason_of(trial)];
        break;
    }
  }
  return tally;
}

std::vector<std::string> kernels_of(const RunRecord& run) {
  std::vector<std::string> kernels;
  const auto add = [&](const std::string& kernel) {
    if (!kernel.empty() && std::find(kernels.begin(), kernels.end(), kernel) == kernels.end())
      kernels.push_back(kernel);
  };
  for (const Environment& environment : run.environments)
    add(environment.kernel);
  for (const TrialRecord& trial : run.trials)
    add(trial.timeline.cell.kernel);
  for (const Incident& incident : run.incidents)
    add(incident.kernel);
  return kernels;
}

const Environment& environment_of(const RunRecord& run, const std::string& kernel) {
  static const Environment unknown;
  for (const Environment& environment : run.environments)
    if (environment.kernel == kernel) return environment;
  return unknown;
}

std::string kernel_title(const Environment& environment, const std::string& kernel) {
  // A running kernel's "version" is uname -v, a sentence of its own; its release says more.
  const bool package =
      !environment.version.empty() && environment.version.find(' ') == std::string::npos;
  std::string inside = package ? environment.version : environment.release;
  if (!environment.scheme.empty()) inside += (inside.empty() ? "" : ", ") + environment.scheme;
  return inside.empty() ? kernel : fmt::format("{} ({})", kernel, inside);
}

std::uint64_t pages_astray(const CensusRecord& census) {
  if (!census.idle_expected) return 0;
  std::uint64_t all = 0;
  std::uint64_t most = 0;
  for (const auto& [count, pages] : census.histogram) {
    all += pages;
    most = std::max(most, pages);
  }
  if (census.idle < 0) return all - most;
  const auto idle = census.histogram.find(census.idle);
  return all - (idle == census.histogram.end() ? 0 : idle->second);
}

int exit_status_of(const RunRecord& run, const std::vector<KnownFinding>& known, Expect expect) {
  const Tally tally = tally_of(run, known);
  const std::size_t excused = expect == Expect::known ? tally.known : 0;
  if (tally.failed > excused) return exit_status::findings;
  const auto measured = [&](Outcome outcome, const std::string& kernel) {
    return std::any_of(run.measures.begin(), run.measures.end(), [&](const MeasureRecord& one) {
      return one.verdict.outcome == outcome && (kernel.empty() || one.kernel == kernel);
    });
  };
  for (const MeasureRecord& one : run.measures)
    if (one.verdict.outcome == Outcome::fail &&
        (expect != Expect::known || !all_known(one, environment_of(run, one.kernel), known)))
      return exit_status::findings;
  for (const CensusRecord& census : run.censuses)
    if (pages_astray(census) > 0) return exit_status::findings;
  // Inconclusive trials beside others fail nothing; a kernel of which nothing was proved does.
  if (lost_something(run)) return exit_status::could_not_run;  // cells may be missing
  const auto proved = [&](const Tally& some, const std::string& kernel) {
    return some.passed + some.failed > 0 || measured(Outcome::pass, kernel) ||
           measured(Outcome::fail, kernel);
  };
  if (!proved(tally, "")) return exit_status::could_not_run;
  for (const std::string& kernel : kernels_of(run))
    if (!proved(tally_of(run, known, kernel), kernel)) return exit_status::could_not_run;
  return exit_status::pass;
}

}  // namespace daxbreak
