// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include "oracle/oracles.h"

namespace daxbreak::oracle {

std::vector<Finding> conservation(const Timeline& timeline, const Scheme& scheme) {
  const std::int32_t idle = timeline.device ? scheme.device_idle : scheme.idle;
  for (const std::string_view when : {moment::settled, moment::removed}) {
    std::int64_t off = 0;
    const Event* worst = nullptr;
    for (const Event* event : timeline.counts_at(when)) {
      if (event->count == idle) continue;
      off += event->value;
      if (worst == nullptr || event->value > worst->value) worst = event;
    }
    if (worst == nullptr) continue;
    Finding finding{.kind = "count-drift"};
    finding.sentence = fmt::format(
        "{} page(s) of the {} were not at the idle count {} {}; most at {}", off,
        timeline.device ? "device" : "file", idle,
        when == moment::settled ? "after everything was let go" : "after the file was removed",
        worst->count);
    std::vector<const Event*> seen = timeline.counts_at(when);
    seen.push_back(timeline.first(EventKind::release_end));
    seen.push_back(timeline.first(EventKind::break_end));
    finding.evidence = evidence(timeline, seen);
    return {finding};  // the same pages again in `removed` would be the same finding
  }
  return {};
}

}  // namespace daxbreak::oracle
