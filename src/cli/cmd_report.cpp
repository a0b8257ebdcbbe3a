// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/configs.h"
#include "cli/output.h"
#include "cli/run_options.h"
#include "cli/say.h"
#include "kernel/scheme.h"
#include "oracle/judge.h"
#include "result/saved_run.h"

namespace daxbreak {
namespace {

/// Judges the saved timelines again, by today's oracles. What no oracle judged (a machine that
/// died, a cell that was skipped) stays as it is.
Result<void> rejudge(RunRecord& run, const std::filesystem::path& configs) {
  auto schemes = load_schemes(configs / "schemes");
  if (!schemes) return schemes.error();
  for (TrialRecord& trial : run.trials) {
    if (trial.timeline.events.empty()) continue;
    const Environment& environment = environment_of(run, trial.timeline.cell.kernel);
    const auto scheme = std::find_if(schemes->begin(), schemes->end(), [&](const Scheme& one) {
      return one.name == environment.scheme;
    });
    if (scheme == schemes->end())
      return Error{fmt::format("cannot judge {} on {} again: no scheme is called \"{}\"",
                               trial.timeline.cell.id(), trial.timeline.cell.kernel,
                               environment.scheme)};
    trial.verdict = judge(trial.timeline, *scheme);
  }
  return ok();
}

int report(const RunOptions& options, const std::string& file, bool again) {
  auto formats = options.formats();
  if (!formats) return failed(formats.error(), exit_usage);
  auto configs = config_directory();
  if (!configs) return failed(configs.error(), exit_could_not_run);
  auto known = known_findings(*configs);
  if (!known) return failed(known.error(), exit_usage);
  auto saved = load_run(file);
  if (!saved) return failed(saved.error(), exit_usage);
  for (const std::string& note : saved->notes)
    complain(note);
  if (again)
    if (auto done = rejudge(saved->run, *configs); !done)
      return failed(done.error(), exit_could_not_run);
  if (auto written = write_report(saved->run, *known, options, *formats); !written)
    return failed(written.error(), exit_could_not_run);
  return exit_status_of(saved->run, *known, options.expectation());
}

}  // namespace

void add_report(CLI::App& app, Action& action) {
  struct Options {
    RunOptions run;
    std::string file;
    bool again = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("report", "Print the report of a run that was saved");
  command->add_option("RESULTFILE", options->file, "what --events wrote")->required();
  add_output_options(*command, options->run);
  command->add_flag("--rejudge", options->again, "judge its timelines again, by today's oracles");
  command->footer(
      "Examples:\n"
      "  daxbreak report run.jsonl\n"
      "  daxbreak report run.jsonl --rejudge --output-format json+ --output run.json");
  command->callback([options, &action] {
    action = [options] { return report(options->run, options->file, options->again); };
  });
}

}  // namespace daxbreak
