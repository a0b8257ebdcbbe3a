// SPDX-License-Identifier: GPL-2.0
#include <memory>

#include "cli/commands.h"
#include "cli/configs.h"
#include "cli/output.h"
#include "cli/rejudge.h"
#include "cli/run_options.h"
#include "cli/say.h"
#include "result/saved_run.h"

namespace daxbreak {
namespace {

int report(const RunOptions& options, const std::string& file, bool again) {
  auto formats = choose_formats(options.format);
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
