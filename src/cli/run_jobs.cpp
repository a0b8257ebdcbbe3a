// SPDX-License-Identifier: GPL-2.0
#include "cli/run_jobs.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <ctime>

#include "base/file.h"
#include "base/path.h"
#include "cli/collector.h"
#include "cli/commands.h"
#include "cli/configs.h"
#include "cli/kernel_choice.h"
#include "cli/output.h"
#include "cli/run_host.h"
#include "cli/run_lab.h"
#include "cli/say.h"
#include "job/expand.h"
#include "job/sense.h"
#include "lab/interrupt.h"

namespace daxbreak {
namespace {

/// What is to be run, all of it checked.
struct Order {
  std::filesystem::path configs;
  std::vector<Job> jobs;
  std::vector<KernelTask> tasks;   ///< empty for a run on this machine
  std::vector<PlannedCell> cells;  ///< of a run on this machine
  PlanRecord plan;
  std::vector<KnownFinding> known;
  ReportFormats formats;
  bool host = false;
};

/// The plan, for the record. `all` is what the jobs come to on one kernel that has all of them.
PlanRecord plan_record(const std::string& job, const std::vector<Job>& sections,
                       const Expansion& all, const Shard& shard) {
  PlanRecord plan{.job = job,
                  .fingerprint = fmt::format("{:016x}", fingerprint_of(all)),
                  .cells = all.cells.size() + all.measures.size(),
                  .of = shard.of,
                  .shards = {shard.number}};
  for (const JobCover& cover : all.covers)
    plan.covers.push_back(
        {.job = cover.job, .seed = cover.seed, .cells = cover.cells, .pairs = cover.pairs});
  for (const Job& section : sections)
    if (!section.description.empty()) plan.sections[section.name] = section.description;
  return plan;
}

/// Everything that can be wrong with the command line and its files, before anything is started.
Result<Order> understand(RunOptions& options, const RunPurpose& purpose) {
  Order order;
  auto configs = config_directory();
  if (!configs) return configs.error();
  order.configs = *configs;
  auto formats = choose_formats(options.format);
  if (!formats) return formats.error();
  auto shard = options.shard.empty() ? Result<Shard>(Shard{}) : parse_shard(options.shard);
  if (!shard) return Error{"--shard: " + shard.error().message()};
  order.formats = std::move(*formats);
  for (const auto& [option, file] :
       {std::pair{"--output", &options.output}, {"--events", &options.events}})
    if (auto good = file->empty() ? ok() : check_writable(*file); !good)
      return Error{fmt::format("{}: {}", option, good.error().doing), good.error().number};
  auto catalogue = read_catalogue(order.configs / "kernels");
  if (!catalogue) return catalogue.error();
  auto known = known_findings(order.configs);
  if (!known) return known.error();
  order.known = std::move(*known);

  options.kernels = files_to_paths(std::move(options.kernels), *catalogue);
  Vocabulary words = Vocabulary::registered();
  for (const KernelSource& kernel : *catalogue)
    words.kernels.push_back(kernel.name);
  auto file = find_job_file(options.job_file);
  if (!file) return file.error();
  auto jobs = load_jobs(*file, options.overrides(), words);
  if (!jobs) return jobs.error();
  auto chosen = select_jobs(std::move(*jobs), options.sections);
  if (!chosen) return chosen.error();
  order.jobs = std::move(*chosen);

  const auto on_host = [](const Job& job) { return !job.directory.empty(); };
  const bool some = std::any_of(order.jobs.begin(), order.jobs.end(), on_host);
  const bool all = std::all_of(order.jobs.begin(), order.jobs.end(), on_host);
  order.host = !options.lab && (!options.directories.empty() || all);
  if (some && !all && !order.host && !options.lab)
    return Error{
        "some sections have a directory and some have not; choose with --section or --lab"};
  if (order.host && !options.kernels.empty())
    return Error{"--kernel is for the lab; with --directory the running kernel is the one tested"};
  if (options.allow_wedge && !order.host)
    return Error{"--allow-wedge is for --directory; in the lab such trials run anyway"};
  if (!purpose.no_cells) {
    const Expansion whole = expand_jobs(order.jobs, order.host ? std::string(running_kernel) : "");
    order.plan = plan_record(file->filename().string(), order.jobs, whole, *shard);
    if (order.host) order.cells = planned(whole, *shard);
  }
  if (order.host) return order;

  auto tasks = choose_kernels(order.jobs, *catalogue, *shard);
  if (!tasks) return tasks.error();
  order.tasks = std::move(*tasks);
  const bool own = std::any_of(order.tasks.begin(), order.tasks.end(),
                               [](const KernelTask& task) { return !task.source; });
  if (!options.modules.empty() && !own)
    return Error{"--modules belongs to a bzImage; name it with --kernel=FILE"};
  if (purpose.no_cells)
    for (KernelTask& task : order.tasks)
      task.cells.clear();
  return order;
}

std::string now_text() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace

std::string own_command() {
  auto words = read_file("/proc/self/cmdline");
  if (!words) return "daxbreak";
  std::replace(words->begin(), words->end(), '\0', ' ');
  words->erase(words->find_last_not_of(' ') + 1);
  return *words;
}

int run_jobs(RunOptions options, RunPurpose purpose) {
  purpose.states = purpose.states || options.census;
  auto order = understand(options, purpose);
  if (!order) return failed(order.error(), exit_usage);
  // A reader that goes away (`| head`) must not end a run that has machines to take down.
  std::signal(SIGPIPE, SIG_IGN);
  auto interrupt = Interrupt::watch();
  if (!interrupt) return failed(interrupt.error(), exit_could_not_run);

  options.command = own_command();
  const std::int64_t begun = now_ns();
  const std::string started = now_text();
  auto collector =
      Collector::open(options.events, options.command, started, order->plan, options.quiet);
  if (!collector) return failed(collector.error(), exit_could_not_run);
  auto run = order->host ? run_on_host(order->jobs, order->cells, options, order->configs, purpose,
                                       *collector, interrupt->token())
                         : run_in_lab(order->tasks, options, order->configs, purpose, *collector,
                                      interrupt->token());
  const double seconds = static_cast<double>(now_ns() - begun) / 1e9;
  auto finished = collector->finish(seconds, run ? run->phases : std::map<std::string, double>{});
  if (!run) return failed(run.error(), exit_could_not_run);
  if (!finished) complain(finished.error().message());
  run->command = options.command;
  run->started = started;
  run->plan = order->plan;
  run->seconds = seconds;

  const bool stopped = interrupt->token().stop_requested();
  if (stopped) complain("stopped; what was measured so far:");
  if (purpose.print) return purpose.print(*run);
  if (auto written = write_report(*run, order->known, options, order->formats); !written)
    return failed(written.error(), exit_could_not_run);
  const int status = exit_status_of(*run, order->known, options.expectation());
  // A run that was cut short has not passed.
  return stopped && status == exit_pass ? exit_could_not_run : status;
}

}  // namespace daxbreak
