// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include "oracle/oracles.h"

namespace daxbreak::oracle {
namespace {

// A wait shorter than this says nothing about how it waits.
constexpr std::int64_t least_wait_ns = 50'000'000;

std::vector<Finding> unkillable(const Timeline& timeline) {
  for (const Event& event : timeline.events) {
    if (event.kind != EventKind::gave_up || event.text != "after kill") continue;
    const Event* const kill = timeline.first(EventKind::kill);
    Finding finding{.kind = "unkillable"};
    finding.sentence =
        fmt::format("{} was still there {:.0f} ms after SIGKILL", timeline.cell.breaker,
                    kill == nullptr ? 0.0 : static_cast<double>(event.t_ns - kill->t_ns) / 1e6);
    finding.evidence = evidence(timeline, {timeline.first(EventKind::pin_held),
                                           timeline.first(EventKind::sleep), kill, &event});
    return {finding};
  }
  return {};
}

std::vector<Finding> spin(const Timeline& timeline) {
  const Event* const begin = timeline.first(EventKind::break_begin);
  if (begin == nullptr) return {};
  for (const Event& event : timeline.events) {
    if (event.kind != EventKind::cpu) continue;
    const std::int64_t span = event.t_ns - begin->t_ns;
    if (span < least_wait_ns || event.value * 2 < span) continue;
    Finding finding{.kind = "spin"};
    finding.sentence =
        fmt::format("{} used {:.0f} ms of CPU in the {:.0f} ms it waited", timeline.cell.breaker,
                    static_cast<double>(event.value) / 1e6, static_cast<double>(span) / 1e6);
    finding.evidence = evidence(timeline, {begin, timeline.first(EventKind::sleep), &event,
                                           timeline.first(EventKind::break_end)});
    return {finding};
  }
  return {};
}

}  // namespace

std::vector<Finding> killable(const Timeline& timeline) {
  std::vector<Finding> findings = unkillable(timeline);
  for (Finding& finding : spin(timeline))
    findings.push_back(std::move(finding));
  return findings;
}

}  // namespace daxbreak::oracle
