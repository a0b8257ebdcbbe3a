// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <cstring>

#include "oracle/oracles.h"

namespace daxbreak::oracle {

std::string errno_word(std::int64_t number) {
  if (number >= kernel_errno_first && number <= kernel_errno_last)
    return fmt::format("the kernel's own errno {}", number);
  const char* const name = ::strerrorname_np(static_cast<int>(number));
  return name == nullptr ? fmt::format("errno {}", number) : name;
}

std::vector<Finding> interface(const Timeline& timeline) {
  std::vector<Finding> findings;
  for (const EventKind kind : {EventKind::break_end, EventKind::bystander_end}) {
    const Event* const end = timeline.first(kind);
    if (end == nullptr || end->value < kernel_errno_first || end->value > kernel_errno_last)
      continue;
    Finding finding{.kind = "internal-errno"};
    finding.sentence = fmt::format(
        "{} ended with errno {}, which include/linux/errno.h keeps for the kernel's own use: user "
        "space should never see it",
        kind == EventKind::break_end ? timeline.cell.breaker : timeline.cell.disturber, end->value);
    finding.evidence =
        evidence(timeline, {timeline.first(EventKind::sleep), timeline.first(EventKind::poke),
                            timeline.last(EventKind::disturb_end), end});
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace daxbreak::oracle
