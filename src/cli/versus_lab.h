// SPDX-License-Identifier: GPL-2.0
/// versus-fio in virtual machines.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/collector.h"
#include "cli/kernel_choice.h"
#include "cli/run_options.h"
#include "result/record.h"

namespace daxbreak {

/// Boots each kernel with fio in it and runs this program's versus-fio there, on one NVDIMM with
/// the filesystem and one as a device-dax node. `words` are the switches for it that do not say
/// where; `limit` is how long it may take in each kernel. A kernel in which it failed is an
/// incident of the record.
[[nodiscard]] Result<RunRecord> versus_in_lab(const std::vector<KernelTask>& tasks,
                                              const RunOptions& options,
                                              const std::filesystem::path& configs,
                                              const std::string& filesystem,
                                              const std::vector<std::string>& words, Nanos limit,
                                              Collector& collector, const std::stop_token& stop);

}  // namespace daxbreak
