// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <algorithm>

#include "oracle/oracles.h"

namespace daxbreak::oracle {

namespace {

/// The trap by which BUG() ends its task (arch/x86/include/asm/bug.h: ud2), told in a line of its
/// own after the one that names the place.
bool echoes_bug(const Timeline& timeline, const Event& event) {
  return event.text.find("invalid opcode") != std::string::npos &&
         std::any_of(timeline.events.begin(), timeline.events.end(), [](const Event& other) {
           return other.kind == EventKind::kernel_log &&
                  other.text.find("kernel BUG at") != std::string::npos;
         });
}

}  // namespace

std::vector<Finding> quiet(const Timeline& timeline) {
  // One for each complaint: a known one must not hide another.
  std::vector<Finding> findings;
  for (const Event& event : timeline.events) {
    if (event.kind != EventKind::kernel_log || echoes_bug(timeline, event)) continue;
    Finding finding{.kind = event.value != 0 ? "kernel-oops" : "kernel-warning"};
    finding.sentence = fmt::format("the kernel complained: {}", event.text);
    finding.evidence = evidence(timeline, {timeline.first(EventKind::break_end), &event});
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace daxbreak::oracle
