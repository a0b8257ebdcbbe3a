// SPDX-License-Identifier: GPL-2.0
/// Which cells make no sense, and why.
#pragma once

#include <optional>
#include <string>

#include "trial/cell.h"

namespace daxbreak {

/// The reason not to run a cell, in words for the report; nothing if it makes sense. Skipped cells
/// stay in the plan, so that the report counts them. Pure but for the registries' content.
[[nodiscard]] std::optional<std::string> skip_reason(const Cell& cell);

}  // namespace daxbreak
