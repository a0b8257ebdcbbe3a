// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include "oracle/oracles.h"

namespace daxbreak::oracle {

std::vector<Finding> bystanders(const Timeline& timeline) {
  const Event* const begin = timeline.first(EventKind::bystander_begin);
  if (begin == nullptr) return {};
  const Event* const end = timeline.first(EventKind::bystander_end);
  const Event* const release = timeline.first(EventKind::release_begin);
  const std::vector<const Event*> seen{timeline.first(EventKind::pin_held),
                                       timeline.first(EventKind::sleep),
                                       begin,
                                       release,
                                       timeline.first(EventKind::break_end),
                                       end};
  if (timeline.bystander_must_not_wait && release != nullptr &&
      (end == nullptr || end->t_ns > release->t_ns)) {
    Finding finding{.kind = "bystander-blocked"};
    finding.sentence = fmt::format(
        "{} ({}), which needs nothing that the breaker waits for, had not ended after {:.0f} ms, "
        "when the pin was released",
        timeline.cell.disturber, timeline.cell.breaker,
        static_cast<double>(release->t_ns - begin->t_ns) / 1e6);
    finding.evidence = evidence(timeline, seen);
    return {finding};
  }
  // One that waits for a breaker which itself did not get out is no finding of its own.
  const bool breaker_out =
      timeline.first(EventKind::break_end) != nullptr && timeline.first(EventKind::poke) == nullptr;
  // Nor one that nobody came to wait for.
  if (end != nullptr || !breaker_out || !timeline.trouble.empty()) return {};
  Finding finding{.kind = "bystander-stuck"};
  finding.sentence =
      fmt::format("{} had not ended {:.0f} ms after {} returned", timeline.cell.disturber,
                  static_cast<double>(timeline.deadline.count()) / 1e6, timeline.cell.breaker);
  finding.evidence = evidence(timeline, seen);
  return {finding};
}

}  // namespace daxbreak::oracle
