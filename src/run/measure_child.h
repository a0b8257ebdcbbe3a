// SPDX-License-Identifier: GPL-2.0
/// The process that does a measurement's work: maps the files and runs the threads.
#pragma once

#include <string>
#include <vector>

#include "job/measure.h"
#include "kernel/storm_watch.h"
#include "pmem/mount.h"
#include "run/measure_board.h"
#include "run/measure_files.h"

namespace daxbreak {

/// A thread of a measurement.
struct Worker {
  std::string kind;  ///< "vmsplice", "punch-hole", "pmem-store"
  bool pins = false;
  bool breaks = false;
  unsigned number = 0;  ///< among those of its role
  unsigned of = 1;
};

/// Who works at a point: pinners first.
[[nodiscard]] std::vector<Worker> workers_of(const MeasurePoint& point);

/// What the process needs beside the point.
struct WorkerSetup {
  const DaxDirectory& directory;
  const MeasureFiles* files = nullptr;  ///< none on device-dax
  std::string device;                   ///< block device; "" if there is none
  std::uint64_t device_size = 0;
  const StormWatch* watch = nullptr;  ///< follows the breakers; none where nobody watches
};

/// Becomes that process: runs all workers until the board says stop, and exits.
[[noreturn]] void be_workers(const MeasurePoint& point, const WorkerSetup& setup,
                             const MeasureBoard& board);

}  // namespace daxbreak
