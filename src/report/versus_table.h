// SPDX-License-Identifier: GPL-2.0
/// Our loads beside fio's jobs: ratios pair by pair. Pure functions from a run's record.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "report/style.h"
#include "result/fit.h"
#include "result/record.h"

namespace daxbreak {

/// One quantity on both sides. A repetition of ours is compared with fio's run just before it.
struct VersusRatio {
  Spread fio;
  Spread ours;
  Spread ratio;  ///< ours / fio
};

/// Whether we are slower than fio at the same system calls, by operations per second.
enum class Pace {
  not_slower,  ///< the median ratio is at least 1 - tolerance
  slower,      ///< every single ratio is below 1 - tolerance
  unclear,     ///< the median is below, but not every repetition
};

/// How much slower counts: less than that is what two runs of the same program differ by.
inline constexpr double pace_tolerance = 0.05;

/// One pair on one kernel and filesystem.
struct VersusRow {
  std::string kernel;
  std::string filesystem;
  std::string pair;
  std::map<std::string, std::string> point;
  std::uint64_t page_size = 0;
  std::map<std::string, std::string> settings;     ///< of ours; empty where nobody said
  std::map<std::string, std::string> fio_options;  ///< the same: {"--bs", "4096"}
  std::string fio;                                 ///< its version
  unsigned repetitions = 0;
  VersusRatio iops;
  VersusRatio median_ns;  ///< of the latencies
  VersusRatio p99_ns;
  Pace pace = Pace::unclear;
  std::string skipped;  ///< why there are no figures; "" if there are
};

/// The pairs among the run's measures, in their order: those of which fio made one side. Where a
/// pair was given up in the middle, what was measured of it is left out.
[[nodiscard]] std::vector<VersusRow> versus_rows(const RunRecord& run);

/// A table for each kernel, with what must be known to read it.
[[nodiscard]] std::string format_versus(const RunRecord& run, const Style& style);

/// The same as an object, with all digits.
[[nodiscard]] nlohmann::ordered_json versus_json(const RunRecord& run);

}  // namespace daxbreak
