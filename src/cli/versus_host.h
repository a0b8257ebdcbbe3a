// SPDX-License-Identifier: GPL-2.0
/// versus-fio on the machine that daxbreak stands on.
#pragma once

#include <stop_token>
#include <string>

#include "base/result.h"
#include "cli/collector.h"
#include "result/record.h"
#include "run/versus.h"

namespace daxbreak {

/// Fills in the rest of the plan (the directory is proved to be DAX and worked in as a run does it,
/// a null_blk device is made for the time of the run) and runs it.
[[nodiscard]] Result<RunRecord> versus_on_host(const std::string& directory, VersusPlan plan,
                                               Collector& collector, const std::stop_token& stop);

}  // namespace daxbreak
