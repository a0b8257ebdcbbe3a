// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include "oracle/oracles.h"

namespace daxbreak::oracle {

std::vector<Finding> quiet(const Timeline& timeline) {
  // One for each complaint: a known one must not hide another.
  std::vector<Finding> findings;
  for (const Event& event : timeline.events) {
    if (event.kind != EventKind::kernel_log) continue;
    Finding finding{.kind = event.value != 0 ? "kernel-oops" : "kernel-warning"};
    finding.sentence = fmt::format("the kernel complained: {}", event.text);
    finding.evidence = evidence(timeline, {timeline.first(EventKind::break_end), &event});
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace daxbreak::oracle
