// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/run_jobs.h"
#include "cli/say.h"
#include "report/text.h"
#include "result/event_log.h"
#include "result/merge.h"
#include "result/saved_run.h"

namespace daxbreak {
namespace {

Result<void> write_events(const std::string& path, const RunRecord& run) {
  auto log = EventLog::create(path);
  if (!log) return log.error();
  if (auto done = log->begin(run.command, run.started, run.plan); !done) return done;
  const auto append_all = [&](const auto& records) -> Result<void> {
    for (const auto& record : records)
      if (auto done = log->append(to_json(record)); !done) return done;
    return ok();
  };
  if (auto done = append_all(run.environments); !done) return done;
  if (auto done = append_all(run.trials); !done) return done;
  if (auto done = append_all(run.measures); !done) return done;
  if (auto done = append_all(run.censuses); !done) return done;
  if (auto done = append_all(run.incidents); !done) return done;
  return log->end(run.seconds, run.phases);
}

int merge(const std::string& out, const std::vector<std::string>& files) {
  std::vector<NamedRun> runs;
  for (const std::string& file : files) {
    auto saved = load_run(file);
    if (!saved) return failed(saved.error(), exit_usage);
    for (const std::string& note : saved->notes)
      complain(fmt::format("{}: {}", file, note));
    runs.push_back({.name = file, .run = std::move(saved->run)});
  }
  auto merged = merge_runs(runs);
  if (!merged) return failed(merged.error(), exit_usage);
  merged->command = own_command();
  if (auto done = write_events(out, *merged); !done)
    return failed(done.error(), exit_could_not_run);
  const PlanRecord& plan = merged->plan;
  std::string what = plural(merged->trials.size(), "trial");
  if (!merged->measures.empty()) what += ", " + plural(merged->measures.size(), "measurement");
  fmt::print("{}: {} on {}", out, what, plural(merged->environments.size(), "kernel"));
  if (plan.of > 1) fmt::print(", {} of {} shards", plan.shards.size(), plan.of);
  fmt::print("\n");
  return exit_pass;
}

}  // namespace

void add_merge(CLI::App& app, Action& action) {
  struct Options {
    std::string out;
    std::vector<std::string> files;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "merge", "Put saved runs together: shards, or kernels, of one job from several machines");
  command->add_option("OUT", options->out, "the new file, to be read by `daxbreak report`")
      ->required();
  command->add_option("IN", options->files, "what --events wrote")->required()->expected(1, -1);
  command->footer(
      "Examples:\n"
      "  daxbreak run full --shard 1/2 --events a.jsonl    on one machine\n"
      "  daxbreak run full --shard 2/2 --events b.jsonl    on another\n"
      "  daxbreak merge all.jsonl a.jsonl b.jsonl\n"
      "  daxbreak report all.jsonl\n"
      "Runs of other jobs, seeds, shards or kernel versions are refused.");
  command->callback(
      [options, &action] { action = [options] { return merge(options->out, options->files); }; });
}

}  // namespace daxbreak
