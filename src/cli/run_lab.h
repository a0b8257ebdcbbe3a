// SPDX-License-Identifier: GPL-2.0
/// Runs in virtual machines.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/collector.h"
#include "cli/kernel_choice.h"
#include "cli/run_jobs.h"
#include "cli/run_options.h"
#include "lab/lab.h"

namespace daxbreak {

/// Kernels that are ready to boot, and those that could not be had.
struct PreparedKernels {
  std::vector<LabKernel> kernels;
  std::vector<Incident> incidents;  ///< one per kernel that is missing, with the reason
};

/// Fetches every kernel that the cache lacks and makes its root filesystem, all at once. Joined
/// initrds go to `folder`. Nothing here is an Error: a kernel that cannot be had is an incident.
/// When stopped, whatever runs for it is killed, and the kernels not ready yet are left out.
[[nodiscard]] PreparedKernels prepare_kernels(const std::vector<KernelTask>& tasks,
                                              const RunOptions& options,
                                              const std::filesystem::path& configs,
                                              const Cache& cache,
                                              const std::filesystem::path& folder,
                                              Collector& collector, const std::stop_token& stop);

/// The size of the machines that these tasks need: the largest that any of their jobs asks for.
[[nodiscard]] MachineSize machine_size(const std::vector<KernelTask>& tasks);

/// Fetches, boots, runs. When stopped, the record holds
/// what was measured.
[[nodiscard]] Result<RunRecord> run_in_lab(const std::vector<KernelTask>& tasks,
                                           const RunOptions& options,
                                           const std::filesystem::path& configs,
                                           const RunPurpose& purpose, Collector& collector,
                                           std::stop_token stop);

}  // namespace daxbreak
