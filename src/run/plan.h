// SPDX-License-Identifier: GPL-2.0
/// What to run on a kernel, and where results go.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "job/measure.h"
#include "result/record.h"

namespace daxbreak {

/// A cell with its place in the plan; or a measurement instead, of whose cell only kernel,
/// filesystem and page size count.
struct PlannedCell {
  std::uint64_t index = 0;
  Cell cell;
  std::optional<MeasurePoint> measure = std::nullopt;

  /// For people: the cell's id, or the measurement's.
  [[nodiscard]] std::string id() const { return measure ? measure->id() : cell.id(); }
};

/// What to run and how patiently.
struct Plan {
  std::string kernel;  ///< catalogue name, for the records
  std::string accelerator = "none";
  double patience = 1.0;       ///< factor on every deadline: 1 on bare metal, more under emulation
  bool whole_census = true;    ///< census of the whole namespaces at the end
  bool allow_wedge = false;    ///< on a machine that others use: also trials that may wedge it
  bool census_states = false;  ///< measure a page's count in each state (the census table)
  Nanos gate_completion{};     ///< of timed gates; 0: 400 ms, stretched by the patience
  Nanos runtime{};      ///< how long a kernel's trials may take in all; 0: as long as they take
  Nanos time_left{};    ///< what is left of it: cells not begun by then are skipped
  std::string schemes;  ///< directory of scheme files
  std::vector<PlannedCell> cells;
};

/// Where results go, as they come. Any may be empty.
struct Sink {
  std::function<void(const Environment&)> environment;
  std::function<void(const PlannedCell&)> trial_begin;
  std::function<void(const TrialRecord&)> trial_end;
  /// A repetition of a measurement.
  std::function<void(const MeasureRecord&)> measure;
  /// No further repetition of a planned measurement will come.
  std::function<void(const PlannedCell&)> measure_end;
  /// Called every few seconds of a long repetition.
  std::function<void()> busy;
  std::function<void(const CensusRecord&)> census;
  /// The machine cannot run further trials (a task is stuck in the kernel): why.
  std::function<void(const std::string&)> wedged;
  /// Asked before each trial: true ends the run there.
  std::function<bool()> stop;
};

}  // namespace daxbreak
