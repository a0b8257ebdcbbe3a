// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>

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

/// When a breaker that had to wait was let go: from there on it works, and may well use CPU.
std::int64_t wait_end(const Timeline& timeline) {
  const Event* const poke = timeline.first(EventKind::poke);
  const Event* const release = timeline.first(EventKind::release_begin);
  if (poke != nullptr) return poke->t_ns;
  return release != nullptr ? release->t_ns : std::numeric_limits<std::int64_t>::max();
}

/// How long the observer saw the breaker off the processor until a moment.
std::int64_t asleep_until(const Timeline& timeline, std::int64_t until) {
  std::int64_t asleep = 0;
  const Event* since = nullptr;
  for (const Event& event : timeline.events) {
    if (event.t_ns > until) break;
    if (event.kind == EventKind::sleep && since == nullptr) since = &event;
    if (event.kind != EventKind::run || since == nullptr) continue;
    asleep += event.t_ns - since->t_ns;
    since = nullptr;
  }
  return since == nullptr ? asleep : asleep + until - since->t_ns;
}

std::vector<Finding> spin(const Timeline& timeline) {
  const Event* const begin = timeline.first(EventKind::break_begin);
  const Event* const end = timeline.first(EventKind::break_end);
  const std::int64_t let_go = wait_end(timeline);
  if (begin == nullptr) return {};
  if (end != nullptr && end->t_ns < let_go) return {};  // it never waited
  for (const Event& event : timeline.events) {
    if (event.kind != EventKind::cpu) continue;
    const std::int64_t until = std::min(event.t_ns, let_go);
    // What a loaded or emulating host charges to a breaker that was seen asleep is not its doing.
    const std::int64_t span = until - begin->t_ns - asleep_until(timeline, until);
    // At the least: all the time after the wait it may have worked.
    const std::int64_t burnt = event.value - (event.t_ns - until);
    if (span < least_wait_ns || burnt * 2 < span) continue;
    Finding finding{.kind = "spin"};
    finding.sentence = fmt::format("{} used {:.0f} ms of CPU in the {:.0f} ms it waited awake",
                                   timeline.cell.breaker, static_cast<double>(burnt) / 1e6,
                                   static_cast<double>(span) / 1e6);
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
