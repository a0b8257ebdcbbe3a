// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include "oracle/oracles.h"

namespace daxbreak::oracle {

std::vector<Finding> isolation(const Timeline& timeline) {
  const Event* const reused = timeline.first(EventKind::reused);
  if (reused == nullptr) return {};
  std::vector<Finding> findings;
  for (const Event& event : timeline.events) {
    if (event.kind != EventKind::content || event.value <= 0) continue;
    const bool leak = event.text == "pin";
    Finding finding{.kind = leak ? "leak" : "stray-write"};
    finding.sentence =
        leak ? fmt::format(
                   "{} bytes of another file, which had been given the block at device "
                   "offset {:#x}, came out through {}",
                   event.value, reused->value, timeline.cell.pin)
             : fmt::format(
                   "{} wrote {} bytes into another file, which had been given the block "
                   "at device offset {:#x}",
                   timeline.cell.pin, event.value, reused->value);
    finding.evidence = evidence(
        timeline,
        {timeline.first(EventKind::pin_held), timeline.first(EventKind::break_end), reused,
         timeline.first(EventKind::release_begin), timeline.first(EventKind::release_end), &event});
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace daxbreak::oracle
