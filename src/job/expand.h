// SPDX-License-Identifier: GPL-2.0
/// Jobs multiplied into cells.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "job/job_file.h"
#include "trial/cell.h"

namespace daxbreak {

/// The cells of one kernel for these jobs, cells that several jobs name only once. The order is
/// stable: jobs as in the file; within a job disturbers that leave the mapping alone first (those
/// that drop it let pages be freed early, which can spoil the machine for what follows), then by
/// page size, filesystem, breaker and gate, pins innermost, each as its list says: the first
/// verdicts compare the pins. With `repeat` the whole list comes again, so that the first verdict
/// of every cell does not wait for the last of another.
[[nodiscard]] std::vector<Cell> expand(std::span<const Job> jobs, const std::string& kernel);

}  // namespace daxbreak
