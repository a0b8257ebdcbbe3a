// SPDX-License-Identifier: GPL-2.0
/// The subcommands, one file each. Each adds itself to the command line; when it is the one that
/// was asked for, it leaves what to do in `action`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "report/tally.h"

namespace daxbreak {

/// What daxbreak exits with.
enum Exit : int {
  exit_pass = exit_status::pass,          ///< everything passed, or is known and --expect known
  exit_findings = exit_status::findings,  ///< an invariant was broken
  exit_usage = exit_status::usage,        ///< the command line or a job file makes no sense
  exit_could_not_run = exit_status::could_not_run,  ///< this machine cannot, or something failed
};

/// The work of a subcommand, run after the whole command line was understood. Returns an Exit.
using Action = std::function<int()>;

/// What `daxbreak list` can list: "pins", "kernels".
[[nodiscard]] std::vector<std::string> list_subjects();

void add_run(CLI::App& app, Action& action);
void add_matrix(CLI::App& app, Action& action);
void add_merge(CLI::App& app, Action& action);
void add_compare(CLI::App& app, Action& action);
void add_list(CLI::App& app, Action& action);
void add_lab(CLI::App& app, Action& action);
void add_report(CLI::App& app, Action& action);
void add_census(CLI::App& app, Action& action);
void add_versus_fio(CLI::App& app, Action& action);
void add_provision(CLI::App& app, Action& action);
void add_doctor(CLI::App& app, Action& action);
void add_reproducer(CLI::App& app, Action& action);
void add_completion(CLI::App& app, Action& action);

}  // namespace daxbreak
