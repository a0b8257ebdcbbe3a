// SPDX-License-Identifier: GPL-2.0
#include "cli/run_host.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/workplace.h"
#include "job/sense.h"
#include "lab/ending.h"
#include "run/measure_run.h"
#include "run/runner.h"

namespace daxbreak {
namespace {

/// How the machine itself is called in records.
const std::string own_kernel(running_kernel);

Plan plan_for(const std::vector<Job>& jobs, const std::vector<PlannedCell>& cells,
              const RunOptions& options, const std::filesystem::path& configs,
              const RunPurpose& purpose) {
  Plan plan;
  plan.kernel = own_kernel;
  plan.census_states = purpose.states;
  plan.schemes = (configs / "schemes").string();
  Nanos completion{};
  for (const Job& job : jobs) {
    plan.patience = std::max(plan.patience, job.patience);
    completion = std::max(completion, job.completion);
  }
  if (completion > Nanos::zero()) plan.gate_completion = completion;
  plan.runtime = plan.time_left = runtime_of(jobs);
  plan.allow_wedge = options.allow_wedge;
  plan.cells = cells;
  return plan;
}

}  // namespace

Result<RunRecord> run_on_host(const std::vector<Job>& jobs, const std::vector<PlannedCell>& cells,
                              const RunOptions& options, const std::filesystem::path& configs,
                              const RunPurpose& purpose, Collector& collector,
                              std::stop_token stop) {
  std::vector<std::string> wanted = options.directories;
  if (wanted.empty())
    for (const Job& job : jobs)
      if (!job.directory.empty() &&
          std::find(wanted.begin(), wanted.end(), job.directory) == wanted.end())
        wanted.push_back(job.directory);

  std::vector<Workplace> workplaces;
  std::vector<DaxDirectory> directories;
  for (const std::string& name : wanted) {
    auto found = find_dax_directory(name);
    if (!found) return found.error();
    for (const DaxDirectory& other : directories)
      if (other.filesystem == found->filesystem)
        return Error{fmt::format("{} and {} are both {}; name one directory of each filesystem",
                                 other.path.parent_path().string(), name, other.filesystem)};
    auto workplace = Workplace::make(found->path);
    if (!workplace) return workplace.error();
    found->path = workplace->path();
    workplaces.push_back(std::move(*workplace));
    directories.push_back(std::move(*found));
  }
  if (geteuid() != 0)
    collector.say(
        "not root: the trials run, but nobody observes the kernel, so none of them can pass");

  RunRecord record;
  const Plan plan = plan_for(jobs, cells, options, configs, purpose);
  collector.expect(own_kernel, plan.cells.size());
  std::size_t ended = 0;  // of the plan: it is run in its order
  Sink sink;
  sink.environment = [&](const Environment& environment) {
    collector.environment(environment);
    record.environments.push_back(environment);
  };
  sink.trial_begin = [&](const PlannedCell& planned) {
    collector.trial_begin(own_kernel, planned.index, planned.id());
  };
  sink.trial_end = [&](const TrialRecord& trial) {
    collector.trial_end(own_kernel, trial);
    record.trials.push_back(trial);
    ++ended;
  };
  sink.measure = [&](const MeasureRecord& measure) {
    collector.measure(measure);
    record.measures.push_back(measure);
  };
  sink.measure_end = [&](const PlannedCell& /*planned*/) { ++ended; };
  sink.census = [&](const CensusRecord& census) {
    collector.census(census);
    record.censuses.push_back(census);
  };
  bool wedged = false;
  sink.wedged = [&](const std::string& why) {
    wedged = true;
    const Incident incident{.kernel = own_kernel, .what = "wedge", .sentence = why};
    collector.incident(incident);
    record.incidents.push_back(incident);
    // The wedge ends the plan; what is left of it is in the record all the same.
    while (ended < plan.cells.size()) {
      const PlannedCell& next = plan.cells[ended];
      if (next.measure) {
        sink.measure(skipped_measure(*next.measure, "not run: " + why));
        sink.measure_end(next);
      } else {
        sink.trial_end(skipped_trial(next, own_kernel, "not run: " + why));
      }
    }
  };
  sink.stop = [&] { return stop.stop_requested(); };
  const std::int64_t begun = now_ns();
  Bench bench;
  auto done = run_plan(plan, directories, sink, bench);
  if (wedged)
    for (Workplace& workplace : workplaces)
      workplace.abandon();
  if (!done) return done.error();
  record.phases["trials"] = static_cast<double>(now_ns() - begun) / 1e9;
  return record;
}

}  // namespace daxbreak
