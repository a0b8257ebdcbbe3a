// SPDX-License-Identifier: GPL-2.0
/// Runs one trial: pins a page, breaks the layout, disturbs, releases, and writes down what
/// happened. Judges nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "gate/gate.h"
#include "kernel/census.h"
#include "kernel/log.h"
#include "kernel/observer.h"
#include "kernel/private_watch.h"
#include "kernel/scheme.h"
#include "pmem/mount.h"
#include "trial/timeline.h"

namespace daxbreak {

/// What a trial is given. Pointers may be null where the machine does not offer the thing; the
/// timeline then says so and the verdict cannot be a pass.
struct TrialSetup {
  DaxDirectory directory;
  Scheme scheme;
  bool odirect_is_foll_pin = false;  ///< O_DIRECT takes FOLL_PIN on this kernel
  Observer* observer = nullptr;
  std::string observer_gap;  ///< what of observer, census and log is missing, and why
  const CensusReader* census = nullptr;
  KernelLog* log = nullptr;
  PrivateWatch* private_watch = nullptr;  ///< of trials of memory that a device takes
  std::string private_gap;                ///< why there is none
  double patience = 1.0;                  ///< factor on every deadline
  std::uint32_t serial = 0;               ///< unique within the run; names files and marks data
  /// Nobody else uses the filesystem: the search for a freed block may take all of its space.
  bool own_filesystem = false;
  Gate* gate = nullptr;     ///< open; for pins that need one. Made once for many trials
  bool gate_timed = false;  ///< a timer opens it ...
  Nanos gate_completion{};  ///< ... after this long
  /// Called with what is known so far before the steps that may cost the process its life. May be
  /// empty.
  std::function<void(const Timeline&)> checkpoint;
};

/// How long a trial may take at the most, everything included, before its process is stuck.
[[nodiscard]] Nanos trial_limit(const TrialSetup& setup);

/// Runs the cell. Harness trouble (no space, a device that is not there) is in Timeline::trouble;
/// whatever the kernel does is in the events. Leaves nothing behind.
[[nodiscard]] Timeline run_trial(const Cell& cell, const TrialSetup& setup);

}  // namespace daxbreak
