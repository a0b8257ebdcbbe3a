// SPDX-License-Identifier: GPL-2.0
/// Logs as fio writes them, for the tools that plot those. Pure.
///
/// The files are numbered like the jobs of fio_json(): of each kernel and pin first the pin's I/O
/// (read or write), then the breaks (trim); behind them come what storms and loads measured, one
/// number for each point. Lines are fio 3.33's: milliseconds, value, direction (0 read, 1 write, 2
/// trim), block size, priority; histograms are milliseconds, direction, block size and the
/// counters. The time of a trial's I/O leaves out what lay between the trials. Nothing is submitted
/// apart from being done, so `slat` logs are empty and `lat` is `clat`, as with fio's psync engine.
///
/// Of storms and loads no single operation is known: their lines are averages over a repetition, of
/// the kind that fio writes with log_avg_msec.
#pragma once

#include <string>
#include <vector>

#include "report/known.h"
#include "result/record.h"

namespace daxbreak {

/// fio's options of the same names. A log whose prefix is "" is not written.
struct FioLogOptions {
  std::string latency;           ///< write_lat_log: PREFIX_{slat,clat,lat}.N.log
  std::string bandwidth;         ///< write_bw_log: PREFIX_bw.N.log
  std::string iops;              ///< write_iops_log: PREFIX_iops.N.log
  std::string histogram;         ///< write_hist_log: PREFIX_clat_hist.N.log
  unsigned average_ms = 0;       ///< log_avg_msec; 0: a line for each operation
  unsigned histogram_ms = 1000;  ///< log_hist_msec

  [[nodiscard]] bool any() const {
    return !(latency.empty() && bandwidth.empty() && iops.empty() && histogram.empty());
  }
};

/// A file to write.
struct FioLogFile {
  std::string name;
  std::string text;
};

[[nodiscard]] std::vector<FioLogFile> fio_logs(const RunRecord& run,
                                               const std::vector<KnownFinding>& known,
                                               const FioLogOptions& options);

}  // namespace daxbreak
