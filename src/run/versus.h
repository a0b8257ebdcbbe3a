// SPDX-License-Identifier: GPL-2.0
/// Our loads and fio's jobs in turn, on this machine.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "pmem/mount.h"
#include "result/measure.h"
#include "run/versus_pairs.h"

namespace daxbreak {

/// Who we are in MeasureRecord::engine.
inline constexpr std::string_view own_engine = "daxbreak";

/// What to compare, and where.
struct VersusPlan {
  std::string kernel;  ///< for the records
  DaxDirectory directory;
  std::string node;                ///< of device-dax, or ""; what is on it is lost
  std::string no_block;            ///< why there is no block device, if there is none
  std::string block;               ///< block device, or ""; what is on it is lost
  std::vector<std::string> pairs;  ///< names; empty: all
  VersusSettings settings;
};

/// Where results go, as they come.
struct VersusSink {
  std::function<void(const MeasureRecord&)> measure;
  std::function<void(const std::string&)> stage;  ///< what runs now
};

/// Runs each pair: fio, we, fio, we, ... A pair that cannot be run is one record with the verdict
/// `skip` and the reason. Leaves nothing in the directory. An Error means that nothing could be
/// compared: no fio, no room for the file.
Result<void> run_versus(const VersusPlan& plan, const VersusSink& sink,
                        const std::stop_token& stop = {});

}  // namespace daxbreak
