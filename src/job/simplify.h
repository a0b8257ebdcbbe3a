// SPDX-License-Identifier: GPL-2.0
/// From the cell of a finding towards the simplest one that still has it. Pure.
#pragma once

#include <string>
#include <vector>

#include "trial/cell.h"

namespace daxbreak {

/// One axis of a cell set to its simplest value.
struct Simplification {
  std::string axis;  ///< as in a job file: "disturber"
  Cell cell;         ///< the cell with it
};

/// All single simplifications of the cell that change it and make sense (skip_reason()).
[[nodiscard]] std::vector<Simplification> simplifications(const Cell& cell);

/// The first simplification, then the first two together, ...: the last one has all of them. Those
/// that make no sense together are left out.
[[nodiscard]] std::vector<Cell> together(const Cell& cell, const std::vector<std::string>& axes);

/// A job file for this one cell, a comment line on top.
[[nodiscard]] std::string job_text(const Cell& cell, const std::string& comment);

}  // namespace daxbreak
