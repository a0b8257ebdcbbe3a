// SPDX-License-Identifier: GPL-2.0
/// What a person reads from the command line itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// "daxbreak: SENTENCE" on standard error.
void complain(std::string_view sentence);

/// complain() about an Error; returns `status`, so that `return failed(error, exit_usage);` reads.
int failed(const Error& error, int status);

/// Rows of columns, padded to the widest cell of each column, two blanks apart; no line ends in a
/// blank. The last column is not padded.
[[nodiscard]] std::string columns(const std::vector<std::vector<std::string>>& rows);

}  // namespace daxbreak
