// SPDX-License-Identifier: GPL-2.0
/// Runs put together: the shards of one plan, or its kernels, from several machines.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "result/record.h"

namespace daxbreak {

/// A run and how messages call it.
struct NamedRun {
  std::string name;  ///< the file it came from
  RunRecord run;
};

/// One run with the trials of all. An Error, in one sentence, if they are not parts of one run: of
/// other cells, another seed, other shards, the same kernel in another version, or if two hold the
/// same trial. Trials come kernel by kernel, in the order of the plan; times add up; it started
/// when the first of them did. Pure.
[[nodiscard]] Result<RunRecord> merge_runs(std::span<const NamedRun> runs);

}  // namespace daxbreak
