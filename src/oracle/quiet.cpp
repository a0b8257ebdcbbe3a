// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include "oracle/oracles.h"

namespace daxbreak::oracle {

std::vector<Finding> quiet(const Timeline& timeline) {
  std::vector<const Event*> lines;
  bool fatal = false;
  for (const Event& event : timeline.events) {
    if (event.kind != EventKind::kernel_log) continue;
    fatal = fatal || event.value != 0;
    lines.push_back(&event);
  }
  if (lines.empty()) return {};
  Finding finding{.kind = fatal ? "kernel-oops" : "kernel-warning"};
  finding.sentence = fmt::format("the kernel complained: {}", lines.front()->text);
  finding.evidence = evidence(timeline, lines);
  return {finding};
}

}  // namespace daxbreak::oracle
