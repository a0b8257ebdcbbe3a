// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/run_jobs.h"
#include "cli/run_options.h"
#include "cli/say.h"
#include "cli/stdio_style.h"
#include "report/census_table.h"
#include "report/findings.h"
#include "result/stream.h"

namespace daxbreak {
namespace {

int print_census(const RunRecord& run, bool json) {
  std::string text;
  if (json) {
    Json rows = Json::array();
    for (const CensusRecord& census : run.censuses)
      rows.push_back(to_json(census));
    text = rows.dump(2) + "\n";
  } else {
    const Style style = style_of(STDOUT_FILENO);
    for (const std::string& part :
         {format_census_table(run, style), format_census_histograms(run, style),
          format_incidents(run, style)}) {
      if (part.empty()) continue;
      if (!text.empty()) text += '\n';
      text += part;
      if (text.back() != '\n') text += '\n';
    }
  }
  if (auto done = write_all(STDOUT_FILENO, text); !done)
    return failed(done.error(), exit_could_not_run);
  bool astray = false;
  for (const CensusRecord& census : run.censuses)
    astray = astray || (census.idle_expected && pages_astray(census) > 0);
  if (run.censuses.empty() || lost_something(run)) return exit_could_not_run;
  return astray ? exit_findings : exit_pass;
}

}  // namespace

void add_census(CLI::App& app, Action& action) {
  struct Options {
    RunOptions run;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "census", "The reference count of a DAX page in each of its states, on each kernel");
  add_place_options(*command, options->run);
  command->add_flag("--json", options->json, "an array of histograms instead of a table");
  command->add_flag("--quiet,-q", options->run.quiet, "no progress");
  command->footer(
      "Examples:\n"
      "  daxbreak census\n"
      "  daxbreak census --kernel 6.1 --json\n"
      "  sudo daxbreak census --directory /mnt/pmem");
  // It needs the machines that the standard job describes, and none of its cells.
  options->run.job_file = "standard.job";
  command->callback([options, &action] {
    action = [options] {
      return run_jobs(options->run,
                      {.states = true, .no_cells = true, .print = [options](const RunRecord& run) {
                         return print_census(run, options->json);
                       }});
    };
  });
}

}  // namespace daxbreak
