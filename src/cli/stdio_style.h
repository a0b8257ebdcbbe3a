// SPDX-License-Identifier: GPL-2.0
/// What a standard stream can show.
#pragma once

#include "report/style.h"

namespace daxbreak {

/// The style for STDOUT_FILENO or STDERR_FILENO, from isatty(3), the environment and the terminal.
[[nodiscard]] Style style_of(int fd);

}  // namespace daxbreak
