// SPDX-License-Identifier: GPL-2.0
/// Jobs turned into cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "job/job_file.h"
#include "trial/cell.h"

namespace daxbreak {

/// What a job with cover=pairwise came to.
struct JobCover {
  std::string job;
  std::uint64_t seed = 1;
  std::size_t cells = 0;
  std::size_t pairs = 0;  ///< that these cells cover
};

/// Cells, and which of them were chosen how.
struct Expansion {
  std::vector<Cell> cells;
  std::vector<JobCover> covers;        ///< of the jobs that have cover=pairwise
  std::vector<MeasurePoint> measures;  ///< of the sections with load=; they run after the cells
};

/// The cells of one kernel for these jobs, cells that several jobs name only once. The order is
/// stable: heavier jobs first, else as in the file; within a job disturbers that leave the mapping
/// alone first (those that drop it let pages be freed early, which can spoil the machine for what
/// follows), then by page size, filesystem, breaker, gate, memory and range, pins innermost, each
/// as its list says: the first verdicts compare the pins. With `repeat` the whole list comes again,
/// so that the first verdict of every cell does not wait for the last of another. Cells that can
/// wedge the kernel are the last of all.
[[nodiscard]] Expansion expand_jobs(std::span<const Job> jobs, const std::string& kernel);

/// The cells of expand_jobs().
[[nodiscard]] std::vector<Cell> expand(std::span<const Job> jobs, const std::string& kernel);

/// A part of the cells: every n-th of them, so that the parts take about the same time.
struct Shard {
  unsigned number = 1;  ///< from 1
  unsigned of = 1;

  [[nodiscard]] bool whole() const { return of == 1; }
  /// Whether the cell at this place of the whole list belongs to it.
  [[nodiscard]] bool has(std::size_t index) const { return index % of == number - 1; }
};

/// "2/4"; an Error says what is wrong with the text.
[[nodiscard]] Result<Shard> parse_shard(std::string_view text);

/// What tells the cells of two runs apart: a number over the ids of all cells in their order, the
/// kernel left aside. The same on every machine.
[[nodiscard]] std::uint64_t fingerprint_of(std::span<const Cell> cells);
/// The same of cells and measurements, of these with all their values.
[[nodiscard]] std::uint64_t fingerprint_of(const Expansion& all);

}  // namespace daxbreak
