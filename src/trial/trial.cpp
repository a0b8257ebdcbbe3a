// SPDX-License-Identifier: GPL-2.0
#include "trial/trial.h"

#include "gate/gate.h"
#include "trial/device_trial.h"
#include "trial/file_trial.h"
#include "trial/private_trial.h"
#include "trial/recorder.h"
#include "trial/spans.h"
#include "workloads/breaker/breaker.h"
#include "workloads/disturber/disturber.h"
#include "workloads/memory/memory.h"
#include "workloads/pin/pin.h"

namespace daxbreak {

Nanos trial_limit(const TrialSetup& setup) {
  return span::stretched(span::longest_trial, setup.patience);
}

Timeline run_trial(const Cell& cell, const TrialSetup& setup) {
  Timeline timeline;
  timeline.cell = cell;
  if (PinRegistry::find(cell.pin) == nullptr || BreakerRegistry::find(cell.breaker) == nullptr ||
      DisturberRegistry::find(cell.disturber) == nullptr ||
      MemoryRegistry::find(cell.memory) == nullptr || GateRegistry::find(cell.gate) == nullptr) {
    timeline.trouble = "the cell names a pin, breaker, disturber or gate that does not exist";
    return timeline;
  }
  {
    const bool device_memory = device_memory_of(cell.filesystem) != DeviceMemory::none;
    auto done = cell.filesystem == device_dax_name ? run_device_trial(cell, setup, timeline)
                : device_memory                    ? run_private_trial(cell, setup, timeline)
                                                   : run_file_trial(cell, setup, timeline);
    if (!done) timeline.trouble = done.error().message();
  }
  Recorder(timeline).finish();
  return timeline;
}

}  // namespace daxbreak
