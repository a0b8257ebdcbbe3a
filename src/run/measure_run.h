// SPDX-License-Identifier: GPL-2.0
/// One repetition of a measurement, and all of them: warm-up, clock, watchdog, judgement.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "gate/null_blk.h"
#include "job/measure.h"
#include "pmem/mount.h"
#include "result/measure.h"
#include "run/kernel_view.h"

namespace daxbreak {

/// The block device that loads move data from and to.
struct MeasureDevice {
  std::string path;  ///< "" where there is none
  std::uint64_t size = 0;
};

/// What a repetition runs with.
struct MeasureSetup {
  const DaxDirectory& directory;
  KernelView& view;
  MeasureDevice device;
  double patience = 1;
  std::function<void()> busy;  ///< called every few seconds
};

/// How a repetition is run.
enum class Watched {
  no,
  waits,  ///< scans, sleeps, and when waiters run again
  wakes,  ///< puts and wakes besides
};

/// What came of one.
struct Repetition {
  MeasureRecord record;
  bool wedged = false;  ///< nothing further can be run on this machine
};

/// The record of a point with nothing measured yet: inconclusive.
[[nodiscard]] MeasureRecord empty_measure(const MeasurePoint& point);
/// The record of a point that will not be run, and why.
[[nodiscard]] MeasureRecord skipped_measure(const MeasurePoint& point, const std::string& reason);

/// Why a point cannot be had in this directory on this kernel, in one sentence; "" if it can.
[[nodiscard]] std::string why_not_here(const MeasurePoint& point, const DaxDirectory& directory,
                                       const Scheme& scheme);

/// Makes the files, forks the workers, warms up, lets the clock run, ends them, looks at data,
/// counts and log. Whatever goes wrong is in the record's verdict. Watched by the observer, the
/// record has the parts of a break's wait as series, and counts as numbers.
[[nodiscard]] Repetition run_repetition(const MeasurePoint& point, unsigned number,
                                        const MeasureSetup& setup, Watched watched = Watched::no);

/// A repetition as the point wants it observed. With Observe::both it is run in turn with and
/// without the observer first: rates and latencies are of the run without, the parts of the wait of
/// the run with it (where mappings count nothing, those that begin at a put or a wake are of a
/// third run, which has all hooks); the numbers "observer cost, pins" and "..., breaks" say what
/// the observer took of them, in percent. Where one of the runs proves nothing or fails, the rates
/// are of the run without all the same, and the verdict is that one's.
[[nodiscard]] Repetition measure_once(const MeasurePoint& point, unsigned number,
                                      const MeasureSetup& setup);

/// Devices by how long they take, made at their first use and kept.
class MeasureDevices {
 public:
  /// An Error where this machine has no null_blk.
  [[nodiscard]] Result<MeasureDevice> get(std::uint64_t hold_ns);

 private:
  std::map<std::uint64_t, NullBlk> devices_;
};

/// Whether a point cannot be measured without a block device.
[[nodiscard]] bool needs_device(const MeasurePoint& point);

}  // namespace daxbreak
