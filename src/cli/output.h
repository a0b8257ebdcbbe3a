// SPDX-License-Identifier: GPL-2.0
/// A run's record to its readers.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/report_formats.h"
#include "cli/run_options.h"
#include "report/known.h"
#include "result/record.h"

namespace daxbreak {

/// configs/known-findings; without the file nothing is known.
[[nodiscard]] Result<std::vector<KnownFinding>> known_findings(
    const std::filesystem::path& configs);

/// Writes the report in the formats asked for: to --output, or to standard output. A person at a
/// terminal sees the matrix in any case where only a file was asked for.
Result<void> write_report(const RunRecord& run, const std::vector<KnownFinding>& known,
                          const RunOptions& options, const ReportFormats& formats);

}  // namespace daxbreak
