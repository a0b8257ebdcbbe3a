// SPDX-License-Identifier: GPL-2.0
#include "run/plan_census.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <utility>

#include "pmem/mapping.h"
#include "run/directories.h"
#include "run/states.h"

namespace daxbreak {
namespace {

constexpr std::uint32_t first_state_serial = 1U << 20;  // apart from the trials' serials

}  // namespace

Result<void> census_states(const Plan& plan, const std::vector<DaxDirectory>& directories,
                           const Sink& sink, Bench& bench) {
  for (const DaxDirectory& directory : directories) {
    if (is_device(directory)) continue;
    for (const std::uint64_t page_size : {small_page, huge_page}) {
      auto records = measure_states(*bench.view, directory, plan.kernel, page_size,
                                    first_state_serial + ++bench.serial);
      if (!records) return records.error();
      for (const CensusRecord& record : *records)
        if (sink.census) sink.census(record);
    }
  }
  return ok();
}

void census_namespaces(const Plan& plan, const std::vector<DaxDirectory>& directories,
                       const Sink& sink, const KernelView& view) {
  if (!view.census || !sink.census) return;
  for (const DaxDirectory& directory : directories) {
    if (is_device(directory)) continue;  // its pages are looked at by each trial
    auto histogram = view.census->count(std::array{directory.frames});
    if (!histogram) continue;
    sink.census({.kernel = plan.kernel,
                 .subject = fmt::format("{} namespace, end of run", directory.filesystem),
                 .histogram = std::move(*histogram),
                 .idle_expected = true,
                 .idle = view.scheme.idle});
  }
}

}  // namespace daxbreak
