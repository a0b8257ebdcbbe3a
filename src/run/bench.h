// SPDX-License-Identifier: GPL-2.0
/// What a machine keeps from one plan to the next.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "gate/gate.h"
#include "kernel/private_watch.h"
#include "run/kernel_view.h"
#include "run/measure_run.h"

namespace daxbreak {

/// The kernel view and the gates, each made at its first use: attaching probes and making devices
/// takes longer than a trial. One process, one thread.
struct Bench {
  std::optional<KernelView> view;
  std::optional<Result<PrivateWatch>> private_watch;   ///< from the first cell that needs it
  std::map<std::string, std::unique_ptr<Gate>> gates;  ///< by kind and completion time
  bool observer_detached = false;                      ///< its probes cost measurements time
  MeasureDevices devices;                              ///< of measurements
  std::uint32_t serial = 0;                            ///< of the last trial
  bool states_measured = false;  ///< the census table and the costs, once a boot
};

}  // namespace daxbreak
