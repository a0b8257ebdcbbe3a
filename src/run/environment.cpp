// SPDX-License-Identifier: GPL-2.0
#include "run/environment.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "pmem/mapping.h"
#include "run/directories.h"
#include "run/live_probe.h"
#include "run/pin_cost.h"
#include "trial/cell.h"

namespace daxbreak {
namespace {

/// What a report says of where trials were run.
std::string describe(const DaxDirectory& directory) {
  if (!directory.missing.empty()) return "none: " + directory.missing;
  if (device_memory_of(directory.filesystem) != DeviceMemory::none)
    return "test_hmm at " + directory.path.string();
  return fmt::format("DAX at {} on {}, {} MiB of pages", directory.path.string(), directory.device,
                     directory.frames.count * small_page >> 20);
}

/// On the first filesystem: a reference costs the same on each.
void measure_costs(Environment& environment, const std::vector<DaxDirectory>& directories) {
  for (const DaxDirectory& directory : directories) {
    if (is_device(directory)) continue;
    if (auto costs = measure_pin_costs(directory)) environment.pin_costs = std::move(*costs);
    return;
  }
}

}  // namespace

Environment environment_of(const Plan& plan, const KernelView& view,
                           const std::vector<DaxDirectory>& directories, bool costs) {
  Environment environment;
  environment.kernel = plan.kernel;
  environment.accelerator = plan.accelerator;
  view.describe(environment);
  for (const DaxDirectory& directory : directories) {
    if (is_device(directory)) continue;
    environment.live_probe = probe_live(view, directory);
    break;
  }
  for (const DaxDirectory& directory : directories)
    environment.filesystems[directory.filesystem] = describe(directory);
  if (costs) measure_costs(environment, directories);
  return environment;
}

}  // namespace daxbreak
