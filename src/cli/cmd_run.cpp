// SPDX-License-Identifier: GPL-2.0
#include "cli/bisect.h"
#include "cli/commands.h"
#include "cli/run_jobs.h"
#include "cli/run_options.h"
#include "trial/cell.h"

namespace daxbreak {
namespace {

std::shared_ptr<RunOptions> add_all(CLI::App& command, Action& action) {
  auto options = std::make_shared<RunOptions>();
  add_place_options(command, *options);
  add_output_options(command, *options);
  add_job_options(command, *options);
  command.add_option("--cell", options->cell, "run this cell only, written as reports write it")
      ->check([](const std::string& id) {
        const auto cell = parse_cell(id);
        return cell ? std::string() : cell.error().message();
      })
      ->type_name("CELL")
      ->group("What");
  command
      .add_option("--bisect-cell", options->bisect_cell,
                  "with one --kernel: run this cell only, and reduce its finding to the smallest "
                  "cell; prints a job file and a reproducer")
      ->type_name("CELL")
      ->group("What");
  command.callback([options, &action] {
    action = [options] {
      return options->bisect_cell.empty() ? run_jobs(*options, {}) : bisect_cell(*options);
    };
  });
  return options;
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("run", "Run a job file");
  const auto options = add_all(*command, action);
  command
      ->add_option("JOBFILE", options->job_file,
                   "an ini file as fio's, or the name of one that came along (daxbreak list jobs)")
      ->required();
  command->footer(
      "Examples:\n"
      "  daxbreak run smoke\n"
      "  daxbreak run full --shard 2/4 --events part2.jsonl\n"
      "  daxbreak run my.job --kernel 6.1 --kernel 6.12 --output-format json+ --output my.json\n"
      "  daxbreak run my.job --kernel arch/x86/boot/bzImage --modules /tmp/mods --append debug\n"
      "  sudo daxbreak run my.job --directory /mnt/pmem --events run.jsonl\n"
      "The keys of a job file are those of `daxbreak list keys`.");
}

void add_matrix(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("matrix", "Run the standard job: every pin against every breaker");
  const auto options = add_all(*command, action);
  options->job_file = "standard.job";
  command->footer(
      "Examples:\n"
      "  daxbreak matrix\n"
      "  daxbreak matrix --kernel 6.1 --pin vmsplice,odirect-read --disturber all\n"
      "  daxbreak matrix --kernel 6.12 --bisect-cell xfs/2m/odirect-write/truncate/munmap\n"
      "  daxbreak matrix --expect known            findings that are known do not fail it");
}

}  // namespace daxbreak
