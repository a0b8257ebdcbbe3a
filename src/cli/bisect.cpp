// SPDX-License-Identifier: GPL-2.0
#include "cli/bisect.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <set>

#include "base/file.h"
#include "cli/collector.h"
#include "cli/commands.h"
#include "cli/configs.h"
#include "cli/kernel_choice.h"
#include "cli/run_lab.h"
#include "cli/say.h"
#include "job/sense.h"
#include "job/simplify.h"
#include "lab/interrupt.h"
#include "report/reproducer.h"

namespace daxbreak {
namespace {

/// Runs cells on one kernel and remembers what they showed.
class Laboratory {
 public:
  Laboratory(const RunOptions& options, std::filesystem::path configs, KernelTask task,
             std::stop_token stop)
      : options_(options),
        configs_(std::move(configs)),
        task_(std::move(task)),
        stop_(std::move(stop)) {}

  /// One boot for all of them; those that were run before are not run again.
  Result<void> run(const std::vector<Cell>& cells) {
    task_.cells.clear();
    for (const Cell& cell : cells)
      if (!shown_.contains(cell)) task_.cells.push_back({task_.cells.size(), cell});
    if (task_.cells.empty()) return ok();
    auto collector = Collector::open("", "", "", {}, options_.quiet);
    if (!collector) return collector.error();
    auto ran = run_in_lab({task_}, options_, configs_, {}, *collector, stop_);
    if (auto finished = collector->finish(0, {}); !finished) return finished;
    if (!ran) return ran.error();
    if (stop_.stop_requested()) return Error{"stopped"};
    if (ran->trials.empty() && !ran->incidents.empty())
      return Error{ran->incidents.back().sentence};
    ++rounds_;
    for (const TrialRecord& trial : ran->trials) {
      auto& kinds = shown_[trial.timeline.cell];
      for (const Finding& finding : trial.verdict.findings)
        kinds.push_back(finding.kind);
    }
    return ok();
  }

  [[nodiscard]] std::vector<std::string> findings(const Cell& cell) const {
    const auto found = shown_.find(cell);
    return found == shown_.end() ? std::vector<std::string>() : found->second;
  }
  [[nodiscard]] bool has(const Cell& cell, const std::string& kind) const {
    const auto kinds = findings(cell);
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  }
  [[nodiscard]] const std::string& kernel() const { return task_.name; }
  [[nodiscard]] std::size_t cells() const { return shown_.size(); }
  [[nodiscard]] unsigned rounds() const { return rounds_; }

 private:
  const RunOptions& options_;
  std::filesystem::path configs_;
  KernelTask task_;
  std::stop_token stop_;
  std::map<Cell, std::vector<std::string>> shown_;
  unsigned rounds_ = 0;
};

std::vector<Cell> cells_of(const std::vector<Simplification>& steps) {
  std::vector<Cell> cells;
  for (const Simplification& step : steps)
    cells.push_back(step.cell);
  return cells;
}

/// The simplest cell that still has the finding. Every round but the last makes it simpler.
Result<Cell> reduce(Laboratory& laboratory, Cell cell, const std::string& kind) {
  for (;;) {
    const auto steps = simplifications(cell);
    if (auto ran = laboratory.run(cells_of(steps)); !ran) return ran.error();
    std::vector<std::string> axes;
    for (const Simplification& step : steps)
      if (laboratory.has(step.cell, kind)) axes.push_back(step.axis);
    const std::vector<Cell> combined = together(cell, axes);
    if (combined.empty()) return cell;
    if (auto ran = laboratory.run(combined); !ran) return ran.error();
    const auto simplest = std::find_if(combined.rbegin(), combined.rend(),
                                       [&](const Cell& one) { return laboratory.has(one, kind); });
    if (simplest == combined.rend()) return cell;  // it came and went
    cell = *simplest;
  }
}

/// The kernel to ask, and the cell as that kernel's.
Result<KernelTask> only_kernel(const RunOptions& options, const std::filesystem::path& configs) {
  if (options.kernels.size() != 1)
    return Error{"--bisect-cell needs one --kernel to reproduce the finding on"};
  auto catalogue = read_catalogue(configs / "kernels");
  if (!catalogue) return catalogue.error();
  Job job;
  job.name = "bisect";
  job.kernels = files_to_paths(options.kernels, *catalogue);
  auto tasks = choose_kernels({job}, *catalogue);
  if (!tasks) return tasks.error();
  if (tasks->size() != 1) return Error{"--bisect-cell: more than one kernel is meant"};
  return std::move(tasks->front());
}

int print_smallest(const Cell& cell, const std::string& comment, const RunOptions& options) {
  const std::string job = job_text(cell, comment);
  auto program = reproducer(cell);
  if (!program) complain(program.error().message());
  if (options.output.empty()) {
    fmt::print("{}{}{}", job, program ? "\n" : "", program ? *program : "");
    return exit_findings;
  }
  if (auto written = write_file(options.output, job); !written)
    return failed(written.error(), exit_could_not_run);
  if (!program) return exit_findings;
  if (auto written = write_file(options.output + ".c", *program); !written)
    return failed(written.error(), exit_could_not_run);
  return exit_findings;
}

}  // namespace

int bisect_cell(RunOptions options) {
  auto cell = parse_cell(options.bisect_cell);
  if (!cell) return failed(cell.error(), exit_usage);
  if (!options.directories.empty())
    return failed(Error{"--bisect-cell works in the lab, not in a --directory"}, exit_usage);
  auto configs = config_directory();
  if (!configs) return failed(configs.error(), exit_usage);
  auto task = only_kernel(options, *configs);
  if (!task) return failed(task.error(), exit_usage);
  cell->kernel = task->name;
  if (const auto senseless = skip_reason(*cell))
    return failed(Error{fmt::format("{} makes no sense: {}", cell->id(), *senseless)}, exit_usage);
  std::signal(SIGPIPE, SIG_IGN);
  auto interrupt = Interrupt::watch();
  if (!interrupt) return failed(interrupt.error(), exit_could_not_run);

  Laboratory laboratory(options, *configs, std::move(*task), interrupt->token());
  // What reduce() asks first comes along in the same boot.
  std::vector<Cell> first = cells_of(simplifications(*cell));
  first.insert(first.begin(), *cell);
  if (auto ran = laboratory.run(first); !ran) return failed(ran.error(), exit_could_not_run);
  const auto kinds = laboratory.findings(*cell);
  if (kinds.empty()) {
    complain(fmt::format("{} has no finding on {}: nothing to reduce", cell->id(), cell->kernel));
    return exit_pass;
  }
  auto smallest = reduce(laboratory, *cell, kinds.front());
  if (!smallest) return failed(smallest.error(), exit_could_not_run);
  return print_smallest(
      *smallest,
      fmt::format("{} on {}: {} reduced to {} ({} cells in {} boots)", kinds.front(), cell->kernel,
                  cell->id(), smallest->id(), laboratory.cells(), laboratory.rounds()),
      options);
}

}  // namespace daxbreak
