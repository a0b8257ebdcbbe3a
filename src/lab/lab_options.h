// SPDX-License-Identifier: GPL-2.0
/// What everything that boots a machine does with LabOptions first.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "lab/accelerator.h"
#include "lab/lab.h"

namespace daxbreak {

/// Two strings of kernel parameters as one.
[[nodiscard]] std::string joined_parameters(const std::string& left, const std::string& right);

/// The accelerator that the options ask for, probed with the first kernel if that is "auto".
[[nodiscard]] Result<Accelerator> choose_accelerator(const LabOptions& options,
                                                     const std::filesystem::path& temporary,
                                                     const std::stop_token& stop);

/// An Error for options with which nothing can be booted.
[[nodiscard]] Result<void> check_options(const LabOptions& options);

}  // namespace daxbreak
