// SPDX-License-Identifier: GPL-2.0
#include "report/pin_cost_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/tally.h"

namespace daxbreak {
namespace {

const PinCost* cost_of(const Environment& environment, std::string_view memory) {
  for (const PinCost& cost : environment.pin_costs)
    if (cost.memory == memory) return &cost;
  return nullptr;
}

}  // namespace

std::string pin_cost_section(const RunRecord& run, const std::vector<KernelColumn>& columns) {
  const bool any = std::any_of(run.environments.begin(), run.environments.end(),
                               [](const Environment& one) { return !one.pin_costs.empty(); });
  if (!any) return "";
  KernelTable table(columns);
  for (const std::string_view memory : {"DAX", "anonymous"})
    table.row(fmt::format("{} page, ns", memory), [&](const std::string& kernel) {
      const PinCost* const cost = cost_of(environment_of(run, kernel), memory);
      return cost == nullptr ? std::string("-")
                             : fmt::format("{:.0f} ({:.0f} to {:.0f})", cost->ns, cost->least_ns,
                                           cost->most_ns);
    });
  table.row("DAX : anonymous", [&](const std::string& kernel) {
    const PinCost* const dax = cost_of(environment_of(run, kernel), "DAX");
    const PinCost* const other = cost_of(environment_of(run, kernel), "anonymous");
    return dax == nullptr || other == nullptr || other->ns <= 0
               ? std::string("-")
               : fmt::format("{:.2f}", dax->ns / other->ns);
  });
  return "## What a reference costs\n\nTaken by vmsplice(2) and dropped by splicing into "
         "/dev/null, 16 pages a call: median (least to most of the repetitions), DAX and anonymous "
         "memory in turn.\n\n" +
         table.text() + "\n";
}

}  // namespace daxbreak
