// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <cerrno>

#include "oracle/oracles.h"

namespace daxbreak::oracle {
namespace {

/// Whether the call ended because a signal or a cancellation took it out of its wait. The second is
/// what io_uring answers, the third is the kernel's own ERESTARTSYS that leaks out of it.
bool interrupted(const Event& end) {
  return end.value == EINTR || end.value == ECANCELED || end.value == kernel_errno_first;
}

std::string holders(const Event& counts, const Scheme& scheme) {
  const std::int32_t by_mapping = scheme.per_mapping * counts.mapcount;
  const std::int32_t others = counts.count - scheme.idle - by_mapping;
  if (others > 0 && by_mapping > 0)
    return fmt::format("{} mapping(s) and {} other reference(s)", counts.mapcount, others);
  if (by_mapping > 0) return fmt::format("{} mapping(s) of the page", counts.mapcount);
  if (others > 0) return fmt::format("{} reference(s) that are not mappings", others);
  return "nobody that the counts show";
}

Finding lost_wakeup(const Timeline& timeline, const Event& release, const Event& poke,
                    const Event& end, const Event* overdue) {
  Finding finding{.kind = "lost-wakeup"};
  finding.sentence = fmt::format(
      "{} slept on for {:.0f} ms after {} had let the page go; no wake_up_var() on its key came, "
      "and a signal made the call succeed: the page was idle and nobody had told the waiter",
      timeline.cell.breaker, static_cast<double>(poke.t_ns - release.t_ns) / 1e6,
      timeline.cell.pin);
  finding.evidence =
      evidence(timeline, {timeline.first(EventKind::pin_held), timeline.first(EventKind::scan),
                          timeline.first(EventKind::wait), timeline.first(EventKind::sleep),
                          &release, timeline.first(EventKind::put, release.t_ns),
                          timeline.first(EventKind::release_end), overdue, &poke, &end});
  return finding;
}

Finding stuck(const Timeline& timeline, const Scheme& scheme, const Event* release,
              const Event& poke, const Event* end, const Event* overdue) {
  Finding finding{.kind = "stuck"};
  const Event& from = release != nullptr ? *release : poke;
  finding.sentence = fmt::format(
      "{} still waited {:.0f} ms after the last pin was released; a signal ended it with {}: for "
      "the waiter the page never became idle. Count {}, idle is {}; held by {}",
      timeline.cell.breaker, static_cast<double>(poke.t_ns - from.t_ns) / 1e6,
      end != nullptr ? errno_word(end->value) : "nothing, only SIGKILL did",
      overdue != nullptr ? std::to_string(overdue->count) : "unknown", scheme.idle,
      overdue != nullptr ? holders(*overdue, scheme) : "unknown");
  finding.evidence =
      evidence(timeline, {timeline.first(EventKind::pin_held), timeline.first(EventKind::scan),
                          timeline.first(EventKind::sleep), timeline.last(EventKind::disturb_end),
                          release, timeline.first(EventKind::release_end), overdue, &poke, end,
                          timeline.first(EventKind::break_died)});
  return finding;
}

}  // namespace

std::vector<Finding> liveness(const Timeline& timeline, const Scheme& scheme) {
  const Event* const poke = timeline.first(EventKind::poke);
  if (poke == nullptr) return {};  // returned, or was killed on purpose, before its deadline
  const Event* const release = timeline.first(EventKind::release_begin);
  const Event* const end = timeline.first(EventKind::break_end);
  const auto overdue_counts = timeline.counts_at(moment::overdue);
  const Event* const overdue = overdue_counts.empty() ? nullptr : overdue_counts.front();

  if (end != nullptr && end->value == 0) {
    // Idle after all. Lost only on the observer's word that nobody woke the waiter; a machine too
    // slow to let a woken waiter run is not the kernel's fault (see not_exercised()).
    const bool watched = timeline.observer_gap.empty() && timeline.events_lost == 0;
    if (!watched || release == nullptr || overdue == nullptr || overdue->count != scheme.idle)
      return {};
    if (end->t_ns < poke->t_ns) return {};
    if (woken_at_idle(timeline, scheme, release->t_ns, poke->t_ns)) return {};
    return {lost_wakeup(timeline, *release, *poke, *end, overdue)};
  }
  if (end == nullptr || interrupted(*end))
    return {stuck(timeline, scheme, release, *poke, end, overdue)};
  return {};
}

}  // namespace daxbreak::oracle
