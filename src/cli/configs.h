// SPDX-License-Identifier: GPL-2.0
/// Where the data files are: jobs, schemes, kernels, known findings.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// The folder that holds jobs/, schemes/ and kernels/: $DAXBREAK_CONFIGS, or that of the source
/// tree this program was built from, or ../share/daxbreak beside the program, or /etc/daxbreak.
/// An Error says where it was looked for.
[[nodiscard]] Result<std::filesystem::path> config_directory();

/// A job file as it was typed: a path, or the name of one in jobs/ ("smoke", "smoke.job").
[[nodiscard]] Result<std::filesystem::path> find_job_file(const std::string& name);

/// The job files that come with the program.
[[nodiscard]] Result<std::vector<std::filesystem::path>> shipped_jobs();

}  // namespace daxbreak
