// SPDX-License-Identifier: GPL-2.0
#include "report/schemes_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "report/groups.h"
#include "report/markdown_table.h"
#include "report/marks.h"
#include "report/pin_cost_table.h"
#include "report/tally.h"
#include "report/text.h"

namespace daxbreak {
namespace {

KernelTable table_of(const RunRecord& run) {
  return KernelTable(plain_columns(kernels_of(run)));
}

/// States in the order in which they were measured first.
std::vector<std::string> states_of(const RunRecord& run) {
  std::vector<std::string> states;
  for (const CensusRecord& census : run.censuses)
    if (!census.state.empty() &&
        std::find(states.begin(), states.end(), census.state) == states.end())
      states.push_back(census.state);
  return states;
}

/// Every count that was seen in a state: "2", or "2, 1025".
std::string counts_in(const RunRecord& run, const std::string& kernel, const std::string& state) {
  std::set<std::int32_t> counts;
  for (const CensusRecord& census : run.censuses)
    if (census.kernel == kernel && census.state == state)
      for (const auto& [count, pages] : census.histogram)
        counts.insert(count);
  return counts.empty() ? "-" : fmt::format("{}", fmt::join(counts, ", "));
}

std::vector<std::string> kinds_of(const RunRecord& run) {
  std::vector<std::string> kinds;
  for (const TrialRecord& trial : run.trials)
    for (const Finding& finding : trial.verdict.findings)
      if (std::find(kinds.begin(), kinds.end(), finding.kind) == kinds.end())
        kinds.push_back(finding.kind);
  std::sort(kinds.begin(), kinds.end(),
            [](const auto& left, const auto& right) { return rank_of(left) < rank_of(right); });
  return kinds;
}

std::size_t trials_with(const RunRecord& run, const std::string& kernel, const std::string& kind) {
  return static_cast<std::size_t>(
      std::count_if(run.trials.begin(), run.trials.end(), [&](const TrialRecord& trial) {
        const auto& found = trial.verdict.findings;
        return trial.timeline.cell.kernel == kernel &&
               std::any_of(found.begin(), found.end(),
                           [&](const Finding& finding) { return finding.kind == kind; });
      }));
}

/// "1.24 (0.80 to 2.10; 24)": median, fifth and ninety-fifth hundredth, how many. Milliseconds.
std::string times(std::vector<std::int64_t> samples) {
  if (samples.empty()) return "-";
  std::sort(samples.begin(), samples.end());
  const auto at = [&](double part) {
    const auto last = static_cast<double>(samples.size() - 1);
    return static_cast<double>(samples[static_cast<std::size_t>(part * last + 0.5)]) / 1e6;
  };
  return fmt::format("{:.3g} ({:.3g} to {:.3g}; {})", at(0.5), at(0.05), at(0.95), samples.size());
}

std::string census_part(const RunRecord& run) {
  const auto states = states_of(run);
  if (states.empty()) return "";
  KernelTable table = table_of(run);
  for (const std::string& state : states)
    table.row(state, [&](const std::string& kernel) { return counts_in(run, kernel, state); });
  return "## The count of a page\n\nAs read from its struct page; several numbers where it differs "
         "between 4 KiB and 2 MiB pages.\n\n" +
         table.text() + "\n";
}

std::string verdict_part(const RunRecord& run, const std::vector<KnownFinding>& known) {
  std::map<std::string, Tally> tallies;
  for (const std::string& kernel : kernels_of(run))
    tallies[kernel] = tally_of(run, known, kernel);
  KernelTable table = table_of(run);
  const auto number = [&](std::string_view what, std::size_t Tally::*part) {
    table.row(what,
              [&](const std::string& kernel) { return std::to_string(tallies[kernel].*part); });
  };
  number("trials passed", &Tally::passed);
  number("failed", &Tally::failed);
  number("inconclusive", &Tally::inconclusive);
  number("skipped", &Tally::skipped);
  for (const std::string& kind : kinds_of(run))
    table.row(fmt::format("`{}`", kind), [&](const std::string& kernel) {
      const std::size_t trials = trials_with(run, kernel, kind);
      return trials == 0 ? std::string("-") : std::to_string(trials);
    });
  return "## Verdicts\n\nThe same cells on every kernel; under each kind of finding the trials "
         "that "
         "show it.\n\n" +
         table.text() + "\n";
}

std::string latency_part(const RunRecord& run, const std::vector<KnownFinding>& known) {
  std::map<std::string, Group> groups;
  for (Group& group : groups_of(run, known, GroupBy::kernel))
    groups[group.kernel] = std::move(group);
  KernelTable table = table_of(run);
  const auto row = [&](std::string_view what, std::vector<std::int64_t> Group::*samples) {
    table.row(what, [&](const std::string& kernel) { return times(groups[kernel].*samples); });
  };
  row("in the breaker's call", &Group::break_ns);
  row("last put to wake", &Group::put_to_wake_ns);
  row("wake to the breaker's return", &Group::wake_ns);
  table.row("scans for each break", [&](const std::string& kernel) {
    auto scans = groups[kernel].scans;
    if (scans.empty()) return std::string("-");
    std::sort(scans.begin(), scans.end());
    return fmt::format("{} (most {})", scans[scans.size() / 2], scans.back());
  });
  return "## Times\n\nMilliseconds: median (5th to 95th percentile; how many trials).\n\n" +
         table.text() + "\n";
}

}  // namespace

std::string format_schemes_page(const RunRecord& run, const std::vector<KnownFinding>& known) {
  std::string out =
      "<!-- SPDX-License-Identifier: GPL-2.0 -->\n"
      "<!-- Made by `daxbreak report RUN --output-format schemes-page`. -->\n"
      "# The refcount schemes side by side\n\n";
  out += fmt::format("By `{}`, begun {}.\n\n", run.command, run.started);
  KernelTable head = table_of(run);
  const auto fact = [&](std::string_view what, std::string Environment::*part) {
    head.row(what, [&](const std::string& kernel) { return environment_of(run, kernel).*part; });
  };
  fact("scheme", &Environment::scheme);
  fact("kernel", &Environment::release);
  fact("origin", &Environment::origin);
  fact("accelerator", &Environment::accelerator);
  out += head.text() + "\n";
  if (std::any_of(run.environments.begin(), run.environments.end(),
                  [](const Environment& one) { return one.accelerator == "tcg"; }))
    out +=
        "Timings under tcg are those of software emulation: compare them with each other only.\n\n";
  return out + census_part(run) + verdict_part(run, known) + latency_part(run, known) +
         pin_cost_section(run, plain_columns(kernels_of(run)));
}

}  // namespace daxbreak
