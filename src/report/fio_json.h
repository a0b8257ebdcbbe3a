// SPDX-License-Identifier: GPL-2.0
/// A run in fio's JSON schema, for the tools that read that.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "report/known.h"
#include "result/record.h"

namespace daxbreak {

/// fio's `--output-format=json`, or `json+` with the histograms' buckets if `bins`. For each kernel
/// and pin two jobs: ".../pin", its I/O as `read` or `write` (clat: submit to complete), and
/// ".../break", the layout breaks as `trim` (clat: inside the system call; bytes: the pinned pages,
/// whatever else a truncate cut). What fio has no word for stands under "daxbreak", at the top and
/// in each job: environment, verdict of every trial, incidents, wake and blocked times. The format
/// is that of fio 3.33; tools that read it were tried with this one's output.
[[nodiscard]] nlohmann::ordered_json fio_json(const RunRecord& run,
                                              const std::vector<KnownFinding>& known, bool bins);

/// fio_json() as text, indented, with a newline at its end.
[[nodiscard]] std::string format_fio_json(const RunRecord& run,
                                          const std::vector<KnownFinding>& known, bool bins);

}  // namespace daxbreak
