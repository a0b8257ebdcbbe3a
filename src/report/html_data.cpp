// SPDX-License-Identifier: GPL-2.0
#include "report/html_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/units.h"
#include "report/axis_tables.h"
#include "report/cells.h"
#include "report/html_curves.h"
#include "report/html_defects.h"
#include "report/html_timeline.h"
#include "report/marks.h"
#include "report/tally.h"

namespace daxbreak::html {
namespace {

/// Numbers of things that others refer to.
struct Tables {
  StringTable strings;
  ShapeTable shapes;
  std::map<std::string, std::size_t> kernels;
  std::map<std::string, std::size_t> cells;  // by id
  std::map<std::string, std::size_t> kinds;
  std::map<const KnownFinding*, std::size_t> known;
};

Json kernels_json(const RunRecord& run, Tables& tables) {
  Json all = Json::array();
  for (const std::string& kernel : kernels_of(run)) {
    const Environment& environment = environment_of(run, kernel);
    tables.kernels.emplace(kernel, all.size());
    Json costs = Json::array();
    for (const PinCost& cost : environment.pin_costs)
      costs.push_back({cost.memory, cost.ns, cost.least_ns, cost.most_ns});
    all.push_back({{"name", kernel},
                   {"title", kernel_title(environment, kernel)},
                   {"release", environment.release},
                   {"version", environment.version},
                   {"origin", environment.origin},
                   {"scheme", environment.scheme},
                   {"schemeTitle", environment.scheme_title},
                   {"probe", environment.live_probe},
                   {"accelerator", environment.accelerator},
                   {"clocksource", environment.clock_source},
                   {"observer", environment.observer},
                   {"observerMissing", environment.observer_missing},
                   {"filesystems", environment.filesystems},
                   {"pinCosts", std::move(costs)}});
  }
  return all;
}

/// Cells without their kernel, in the order of the plan.
Json cells_json(const RunRecord& run, Tables& tables) {
  std::vector<const TrialRecord*> ordered;
  for (const TrialRecord& trial : run.trials)
    ordered.push_back(&trial);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto* left, const auto* right) { return left->index < right->index; });
  Json all = Json::array();
  for (const TrialRecord* const trial : ordered) {
    const Cell& cell = trial->timeline.cell;
    if (!tables.cells.emplace(cell.id(), all.size()).second) continue;
    all.push_back({cell.id(), tables.strings.number(cell.filesystem), cell.page_size,
                   tables.strings.number(held_label(cell)),
                   tables.strings.number(breaker_label(cell)),
                   tables.strings.number(cell.disturber), tables.strings.number(cell.memory)});
  }
  return all;
}

Json kinds_json(const RunRecord& run, const std::vector<KnownFinding>& known, Tables& tables) {
  Json all = Json::array();
  for (const auto& [name, letter] : Marks(run, known, Style{}).kinds()) {
    tables.kinds.emplace(name, all.size());
    std::string invariant;
    std::string meaning;
    for (const FindingKind& kind : finding_kinds())
      if (kind.name == name) {
        invariant = kind.invariant;
        meaning = kind.meaning;
      }
    all.push_back({name, std::string(1, letter), invariant, meaning});
  }
  return all;
}

Json measures_json(const Measures& measures) {
  Json all = Json::array();
  for (const auto& value : {measures.break_ns, measures.blocked_ns, measures.wake_ns,
                            measures.put_to_wake_ns, measures.scans})
    all.push_back(value ? Json(*value) : Json());
  while (!all.empty() && all.back().is_null())
    all.erase(all.size() - 1);
  return all;
}

/// What a reader of the timeline should know of its making.
std::string notes_of(const Timeline& timeline) {
  std::vector<std::string> notes;
  if (timeline.deadline.count() > 0)
    notes.push_back(
        fmt::format("deadline {} after the last release", format_time(timeline.deadline)));
  if (timeline.foll_pin) notes.emplace_back("pinned by FOLL_PIN");
  if (timeline.pinned_pages > 1)
    notes.push_back(fmt::format("{} pages pinned", timeline.pinned_pages));
  if (timeline.compound) notes.emplace_back("part of a larger folio");
  if (timeline.pmd_mapped) notes.emplace_back("mapped by a PMD");
  if (!timeline.frees_page) notes.emplace_back("the breaker leaves the pinned page alone");
  if (!timeline.file_page) notes.emplace_back("what is pinned is no page of the file");
  if (timeline.transient) notes.emplace_back("the pin comes and goes");
  if (!timeline.observer_gap.empty()) notes.push_back("not observed: " + timeline.observer_gap);
  if (timeline.events_lost > 0)
    notes.push_back(fmt::format("{} events of the kernel were lost", timeline.events_lost));
  if (!timeline.trouble.empty()) notes.push_back("trouble: " + timeline.trouble);
  return fmt::format("{}", fmt::join(notes, "; "));
}

Json trial_json(const TrialRecord& trial, const Environment& environment,
                const std::vector<KnownFinding>& known, Tables& tables) {
  const Timeline& timeline = trial.timeline;
  const std::vector<ShownEvent> shown = shown_events(timeline);
  Json findings = Json::array();
  for (const Finding& finding : trial.verdict.findings) {
    const KnownFinding* const why = explain(finding, timeline.cell, environment, known);
    findings.push_back({tables.kinds.at(finding.kind), tables.strings.number(finding.sentence),
                        why == nullptr ? Json(-1) : Json(tables.known.at(why)),
                        evidence_json(timeline, shown, finding.evidence)});
  }
  const std::string& reason = trial.verdict.reason.empty() ? timeline.skip : trial.verdict.reason;
  return {tables.kernels.at(timeline.cell.kernel),
          tables.cells.at(timeline.cell.id()),
          static_cast<int>(trial.verdict.outcome),
          tables.strings.number(reason),
          std::round(trial.seconds * 1000) / 1000,
          trial.attempts,
          trial.came_back,
          std::move(findings),
          measures_json(trial.verdict.measures),
          timeline.events.empty() ? Json(0)
                                  : timeline_json(timeline, shown, tables.strings, tables.shapes),
          tables.strings.number(timeline.skip.empty() ? notes_of(timeline) : "")};
}

Json censuses_json(const RunRecord& run) {
  Json all = Json::array();
  for (const CensusRecord& census : run.censuses) {
    Json histogram = Json::array();
    for (const auto& [count, pages] : census.histogram)
      histogram.push_back({count, pages});
    all.push_back({{"kernel", census.kernel},
                   {"subject", census.subject},
                   {"state", census.state},
                   {"idle", census.idle},
                   {"idleExpected", census.idle_expected},
                   {"astray", pages_astray(census)},
                   {"histogram", std::move(histogram)}});
  }
  return all;
}

Json incidents_json(const RunRecord& run) {
  Json all = Json::array();
  for (const Incident& incident : run.incidents)
    all.push_back({{"kernel", incident.kernel},
                   {"what", incident.what},
                   {"sentence", incident.sentence},
                   {"madeGood", incident.made_good},
                   {"console", incident.console}});
  return all;
}

Json plan_json(const PlanRecord& plan) {
  Json covers = Json::array();
  for (const CoverRecord& cover : plan.covers)
    covers.push_back(
        {{"job", cover.job}, {"seed", cover.seed}, {"cells", cover.cells}, {"pairs", cover.pairs}});
  return {{"job", plan.job},
          {"cells", plan.cells},
          {"of", plan.of},
          {"shards", plan.shards},
          {"covers", std::move(covers)}};
}

/// Measurements that are more than their figures: failed, or proved nothing.
Json measure_verdicts_json(const RunRecord& run, const std::vector<KnownFinding>& known) {
  Json all = Json::array();
  for (const MeasureRecord& measure : run.measures) {
    if (measure.verdict.outcome == Outcome::pass) continue;
    Json findings = Json::array();
    for (const Finding& finding : measure.verdict.findings) {
      const KnownFinding* const why =
          explain(finding, measure, environment_of(run, measure.kernel), known);
      findings.push_back(
          {finding.kind, finding.sentence, finding.evidence, why == nullptr ? "" : why->id});
    }
    all.push_back(
        {{"kernel", measure.kernel},
         {"load", measure.load},
         {"place", fmt::format("{}/{}", measure.filesystem, format_size(measure.page_size))},
         {"point", measure.point},
         {"repetition", measure.repetition},
         {"outcome", name_of(measure.verdict.outcome)},
         {"reason", measure.verdict.reason},
         {"findings", std::move(findings)}});
  }
  return all;
}

}  // namespace

Json run_json(const RunRecord& run, const std::vector<KnownFinding>& known) {
  Tables tables;
  Json notes = Json::array();
  for (const KnownFinding& one : known) {
    tables.known.emplace(&one, notes.size());
    notes.push_back({one.id, one.note, one.reference});
  }
  Json out = {{"version", data_version}, {"command", run.command}, {"started", run.started},
              {"seconds", run.seconds},  {"phases", run.phases},   {"plan", plan_json(run.plan)}};
  out["sparse"] = is_sparse(run);
  out["kernels"] = kernels_json(run, tables);
  out["known"] = std::move(notes);
  out["kinds"] = kinds_json(run, known, tables);
  out["cells"] = cells_json(run, tables);
  Json trials = Json::array();
  for (const TrialRecord& trial : run.trials)
    trials.push_back(
        trial_json(trial, environment_of(run, trial.timeline.cell.kernel), known, tables));
  out["trials"] = std::move(trials);
  Json events = Json::array();
  for (int kind = 0; kind <= static_cast<int>(EventKind::writeback); ++kind)
    events.push_back(name_of(static_cast<EventKind>(kind)));
  out["events"] = std::move(events);
  out["shapes"] = tables.shapes.json();
  out["strings"] = tables.strings.all();
  out["defects"] = defects_json(run, known);
  out["incidents"] = incidents_json(run);
  out["censuses"] = censuses_json(run);
  out["latencies"] = latencies_json(run, known);
  out["sweeps"] = sweeps_json(run);
  out["costs"] = costs_json(run);
  out["measureVerdicts"] = measure_verdicts_json(run, known);
  out["measuresPassed"] =
      std::count_if(run.measures.begin(), run.measures.end(),
                    [](const MeasureRecord& one) { return one.verdict.outcome == Outcome::pass; });
  return out;
}

}  // namespace daxbreak::html
