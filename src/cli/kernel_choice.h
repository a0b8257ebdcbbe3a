// SPDX-License-Identifier: GPL-2.0
/// Which kernels a run is about.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "job/expand.h"
#include "job/job_file.h"
#include "lab/kernel_catalogue.h"
#include "run/runner.h"

namespace daxbreak {

/// One kernel to test, and what to ask of it.
struct KernelTask {
  std::string name;                    ///< as records call it
  std::optional<KernelSource> source;  ///< of the catalogue, or ...
  std::filesystem::path bzimage;       ///< ... the user's own
  std::vector<Job> jobs;               ///< those that name it
  std::vector<PlannedCell> cells;      ///< of the shard, with their places in the whole plan
};

/// The cells and measurements of a shard, numbered by their places in the whole list: cells first.
[[nodiscard]] std::vector<PlannedCell> planned(const Expansion& all, const Shard& shard);
/// The cells of a shard, numbered by their places in the whole list.
[[nodiscard]] std::vector<PlannedCell> planned(const std::vector<Cell>& cells, const Shard& shard);

/// "default", "all", "!name", names and paths, to tasks in the order of the first mention (those
/// of "default" and "all" in the catalogue's). The same kernel in several jobs is one task. Pure.
[[nodiscard]] Result<std::vector<KernelTask>> choose_kernels(
    const std::vector<Job>& jobs, const std::vector<KernelSource>& catalogue,
    const Shard& shard = {});

/// Words of --kernel that are files but no names of the catalogue, made absolute, so that a job's
/// kernel list takes them for paths.
[[nodiscard]] std::vector<std::string> files_to_paths(std::vector<std::string> words,
                                                      const std::vector<KernelSource>& catalogue);

}  // namespace daxbreak
