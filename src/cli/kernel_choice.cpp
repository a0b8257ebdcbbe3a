// SPDX-License-Identifier: GPL-2.0
#include "cli/kernel_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace daxbreak {
namespace {

/// What one job's list of kernels selects: names of the catalogue, and paths.
Result<std::vector<std::string>> names_of(const Job& job,
                                          const std::vector<KernelSource>& catalogue) {
  std::vector<std::string> chosen;
  const auto add = [&](const std::string& name) {
    if (std::find(chosen.begin(), chosen.end(), name) == chosen.end()) chosen.push_back(name);
  };
  const bool only_exclusions =
      std::all_of(job.kernels.begin(), job.kernels.end(),
                  [](const std::string& name) { return name.starts_with('!'); });
  for (const std::string& name : job.kernels) {
    if (name.starts_with('!')) continue;
    if (name != "default" && name != "all") add(name);
    for (const KernelSource& kernel : catalogue)
      if (name == "all" || (name == "default" && kernel.by_default)) add(kernel.name);
  }
  if (only_exclusions)
    for (const KernelSource& kernel : catalogue)
      if (kernel.by_default) add(kernel.name);
  for (const std::string& name : job.kernels)
    if (name.starts_with('!')) std::erase(chosen, name.substr(1));
  if (chosen.empty())
    return Error{
        fmt::format("[{}]: kernel={} leaves no kernel", job.name, fmt::join(job.kernels, ","))};
  return chosen;
}

}  // namespace

std::vector<PlannedCell> planned(const std::vector<Cell>& cells, const Shard& shard) {
  std::vector<PlannedCell> chosen;
  for (std::size_t index = 0; index < cells.size(); ++index)
    if (shard.has(index)) chosen.push_back({.index = index, .cell = cells[index]});
  return chosen;
}

std::vector<PlannedCell> planned(const Expansion& all, const Shard& shard) {
  std::vector<PlannedCell> chosen = planned(all.cells, shard);
  for (std::size_t at = 0; at < all.measures.size(); ++at) {
    const MeasurePoint& point = all.measures[at];
    const std::size_t index = all.cells.size() + at;
    if (shard.has(index))
      chosen.push_back({.index = index,
                        .cell = {.kernel = point.kernel,
                                 .filesystem = point.filesystem,
                                 .page_size = point.page_size},
                        .measure = point});
  }
  return chosen;
}

Result<std::vector<KernelTask>> choose_kernels(const std::vector<Job>& jobs,
                                               const std::vector<KernelSource>& catalogue,
                                               const Shard& shard) {
  std::vector<KernelTask> tasks;
  for (const Job& job : jobs) {
    auto names = names_of(job, catalogue);
    if (!names) return names.error();
    for (const std::string& name : *names) {
      const bool path = name.find('/') != std::string::npos;
      auto same = std::find_if(tasks.begin(), tasks.end(), [&](const KernelTask& task) {
        return path ? task.bzimage == name : task.source && task.source->name == name;
      });
      if (same == tasks.end()) {
        KernelTask task{.name = name};
        if (path) {
          task.bzimage = name;
          // Short for the columns of the report, and still one kernel's own.
          task.name = task.bzimage.filename();
          for (int copy = 2;
               std::any_of(tasks.begin(), tasks.end(),
                           [&](const KernelTask& other) { return other.name == task.name; });
               ++copy)
            task.name = fmt::format("{}#{}", task.bzimage.filename().string(), copy);
        } else {
          auto found = find_kernel(catalogue, name);
          if (!found) return found.error();
          task.source = *found;
        }
        tasks.push_back(std::move(task));
        same = tasks.end() - 1;
      }
      same->jobs.push_back(job);
    }
  }
  // The same jobs come to the same cells on every kernel of the lab, and may take a while to.
  std::map<std::vector<std::string>, std::vector<PlannedCell>> of_jobs;
  for (KernelTask& task : tasks) {
    std::vector<std::string> names;
    for (const Job& job : task.jobs)
      names.push_back(job.name);
    const auto [at, fresh] = of_jobs.try_emplace(names);
    if (fresh) at->second = planned(expand_jobs(task.jobs, task.name), shard);
    task.cells = at->second;
    for (PlannedCell& one : task.cells) {
      one.cell.kernel = task.name;
      if (one.measure) one.measure->kernel = task.name;
    }
  }
  return tasks;
}

std::vector<std::string> files_to_paths(std::vector<std::string> words,
                                        const std::vector<KernelSource>& catalogue) {
  for (std::string& word : words) {
    const bool known = std::any_of(catalogue.begin(), catalogue.end(),
                                   [&](const KernelSource& one) { return one.name == word; });
    std::error_code problem;
    if (!known && std::filesystem::is_regular_file(word, problem))
      word = std::filesystem::absolute(word, problem).string();
  }
  return words;
}

}  // namespace daxbreak
