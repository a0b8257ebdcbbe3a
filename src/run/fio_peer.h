// SPDX-License-Identifier: GPL-2.0
/// fio beside us: what it can do, what it measured.
#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "result/measure.h"
#include "run/versus_pairs.h"

namespace daxbreak {

/// What one job of fio's came to.
struct FioResult {
  std::string version;  ///< "fio-3.33"
  double seconds = 0;   ///< that its clock ran
  double iops = 0;      ///< as fio says it, of the pair's direction
  /// One for each direction with operations, the pair's first, with fio's own histogram: its
  /// buckets are ours too.
  std::vector<MeasuredSeries> series;
};

/// Reads fio's json+ of a pair's job; what fio prints before the JSON is passed over. Series are
/// named as `names` says for their direction, in the order of Load::series(). An Error says what is
/// wrong, or which error fio's job ended with. Pure.
[[nodiscard]] Result<FioResult> read_fio_json(std::string_view text, const VersusPair& pair,
                                              std::span<const LoadSeries> names);

/// The engines in what `fio --enghelp` prints. Pure.
[[nodiscard]] std::vector<std::string> parse_engines(std::string_view text);

/// The engines of the fio on PATH; an Error, with the cure, if there is no fio.
[[nodiscard]] Result<std::vector<std::string>> fio_engines();

/// Runs fio by those words and reads what it wrote to `output`.
[[nodiscard]] Result<FioResult> run_fio(const std::vector<std::string>& words,
                                        const std::string& output, const VersusPair& pair,
                                        std::span<const LoadSeries> names, Nanos limit,
                                        const std::stop_token& stop = {});

}  // namespace daxbreak
