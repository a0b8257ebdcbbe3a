// SPDX-License-Identifier: GPL-2.0
/// A job's cells chosen so that every pair of values occurs, instead of every combination.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "job/job_file.h"
#include "trial/cell.h"

namespace daxbreak {

/// The cells of a job with cover=pairwise.
struct PairwiseCells {
  std::vector<Cell> cells;  ///< all of them make sense (skip_reason()); no two are the same
  std::size_t pairs = 0;    ///< pairs of values that some sensible cell has: all are covered
};

/// Every two values, of different axes, that any sensible cell of the job has together stand in at
/// least one of the cells; which ones follows from Job::seed alone. The earlier a cell, the more
/// new pairs it has. Pure but for the registries' content.
[[nodiscard]] PairwiseCells pairwise_cells(const Job& job, const std::string& kernel);

}  // namespace daxbreak
