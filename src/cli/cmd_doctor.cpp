// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/configs.h"
#include "cli/machine_checks.h"
#include "cli/say.h"
#include "cli/workplace.h"
#include "gate/stale.h"
#include "lab/lab_directory.h"
#include "pmem/mountinfo.h"
#include "result/stream.h"

namespace daxbreak {
namespace {

void print_checks(const std::vector<MachineCheck>& checks) {
  std::size_t widest = 0;
  for (const MachineCheck& check : checks)
    widest = std::max(widest, check.what.size());
  std::string group;
  for (const MachineCheck& check : checks) {
    if (check.group != group) {
      group = check.group;
      fmt::print("{}{}\n", &check == checks.data() ? "" : "\n", group);
    }
    fmt::print("  {:<{}}  {:<7}  {}{}\n", check.what, widest, check.good ? "ok" : "missing",
               check.found, check.cure.empty() ? "" : "; " + check.cure);
  }
}

/// The lab is what a machine without pmem has: it decides whether daxbreak can do anything here.
bool lab_works(const std::vector<MachineCheck>& checks) {
  return std::all_of(checks.begin(), checks.end(), [](const MachineCheck& check) {
    return check.good || check.group != "lab" || check.what == "KVM" || check.what == "fio" ||
           check.what == "compiler";
  });
}

int examine(bool json) {
  auto configs = config_directory();
  if (!configs) return failed(configs.error(), exit_could_not_run);
  std::vector<MachineCheck> checks = check_lab(*configs);
  for (MachineCheck& check : check_host(*configs))
    checks.push_back(std::move(check));
  for (MachineCheck& check : check_pmem())
    checks.push_back(std::move(check));
  const bool works = lab_works(checks);
  if (json) {
    Json rows = Json::array();
    for (const MachineCheck& check : checks)
      rows.push_back({{"group", check.group},
                      {"what", check.what},
                      {"ok", check.good},
                      {"found", check.found},
                      {"cure", check.cure}});
    fmt::print("{}\n",
               Json{{"version", DAXBREAK_VERSION}, {"lab", works}, {"checks", rows}}.dump(2));
  } else {
    print_checks(checks);
    fmt::print("\n{}\n", works ? "The lab can run here: try `daxbreak run smoke`."
                               : "The lab cannot run here; see what is missing above.");
  }
  return works ? exit_pass : exit_could_not_run;
}

int clean_gates() {
  if (geteuid() != 0) {
    fmt::print("gates: only root can look for devices left behind\n");
    return exit_pass;
  }
  if (auto removed = remove_stale_gates(); !removed)
    return failed(removed.error(), exit_could_not_run);
  fmt::print("gates: no device of a dead run is left\n");
  return exit_pass;
}

/// Removes the folders that killed runs left at the top of DAX mounts. Those in other directories
/// are cleared by the next run there.
int clean_workplaces() {
  auto mounts = list_mounts();
  if (!mounts) return failed(mounts.error(), exit_could_not_run);
  int status = exit_pass;
  bool any = false;
  for (const Mount& mount : *mounts) {
    if (!may_be_dax(mount)) continue;
    auto cleared = clear_workplaces(mount.where);
    if (!cleared) status = failed(cleared.error(), exit_could_not_run);
    if (!cleared || cleared->empty()) continue;
    any = true;
    for (const auto& path : *cleared)
      fmt::print("workplaces: removed {}\n", path.string());
  }
  if (!any && status == exit_pass) fmt::print("workplaces: nothing was left behind\n");
  return status;
}

/// Takes down what a run that was killed left standing.
int clean() {
  // Gates first: a task that waits for one of them may hold files of a workplace.
  int status = clean_gates();
  status = std::max(status, clean_workplaces());
  auto stale = stale_lab_files();
  if (!stale) {
    status = failed(stale.error(), exit_could_not_run);
  } else if (auto removed = remove_stale_lab_files(); !removed) {
    status = failed(removed.error(), exit_could_not_run);
  } else if (stale->empty()) {
    fmt::print("lab: nothing was left behind\n");
  } else {
    for (const auto& path : *stale)
      fmt::print("lab: removed {}\n", path.string());
  }
  return status;
}

}  // namespace

void add_doctor(CLI::App& app, Action& action) {
  struct Options {
    bool clean = false;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("doctor", "What this machine can do, what is missing, and the cure");
  CLI::Option* json = command->add_flag("--json", options->json, "one JSON object");
  command->add_flag("--clean", options->clean, "take down what a killed run left behind")
      ->excludes(json);
  command->footer(
      "Examples:\n"
      "  daxbreak doctor\n"
      "  sudo daxbreak doctor --clean");
  command->callback([options, &action] {
    action = [options] { return options->clean ? clean() : examine(options->json); };
  });
}

}  // namespace daxbreak
