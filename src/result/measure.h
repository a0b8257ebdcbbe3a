// SPDX-License-Identifier: GPL-2.0
/// What a storm or a plain load measured: rates and latencies, not verdicts on single trials.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "oracle/verdict.h"
#include "result/statistics.h"
#include "workloads/storm/load.h"

namespace daxbreak {

/// One kind of operation, or of interval, of a measurement.
struct MeasuredSeries {
  std::string name;  ///< "pin", "break", "load", "last-put-to-wake", "wake-to-run", ...
  Direction direction = Direction::none;  ///< none: an interval, no operation of its own
  std::uint64_t bytes = 0;                ///< moved, pinned or freed by all of them
  Statistics latency;                     ///< nanoseconds; its count is the number of operations
};

/// One repetition at one point of a sweep. Warm-up is left out of it.
struct MeasureRecord {
  std::string kernel;              ///< catalogue name, or "running"
  std::string job;                 ///< the job file's section
  std::string load;                ///< "storm", or a plain load's name: "pmem-store", "fault", ...
  std::string engine;              ///< who ran it: "daxbreak", or "fio-3.33" beside us
  std::string filesystem;          ///< "ext4", "xfs", "devdax"
  std::uint64_t page_size = 4096;  ///< bytes, of the mapping
  std::map<std::string, std::string> point;  ///< swept keys: {"mapped", "64m"}, {"pinners", "4"}
  /// All keys that have a value of their own, swept or not, as numbers: {"bs", "4096"}, and "pin"
  /// and "breaker" as "vmsplice+libaio". Of fio all options that it was given: {"--bs", "4096"}.
  /// Empty where nobody said.
  std::map<std::string, std::string> settings;
  unsigned repetition = 1;  ///< from 1
  double seconds = 0;       ///< that the clock ran
  std::vector<MeasuredSeries> series;
  std::map<std::string, double> numbers;  ///< "scans per break", "observer cost", ...
  Verdict verdict;                        ///< of the watchdog, the patterns and the census
};

}  // namespace daxbreak
