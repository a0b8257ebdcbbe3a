// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "oracle/oracles.h"

namespace daxbreak::oracle {
namespace {

using Reason = std::optional<std::string>;

/// A pin that had to be refused, and was.
Reason refused_unexercised(const Timeline& timeline, const Event& refused) {
  if (refused.value != EOPNOTSUPP)
    return fmt::format("refused with \"{}\" instead of EOPNOTSUPP", errno_word(refused.value));
  const Event* const end = timeline.first(EventKind::break_end);
  if (end == nullptr) return "the breaker did not return although nothing was pinned";
  if (end->value != 0) return fmt::format("the breaker failed: {}", errno_word(end->value));
  return std::nullopt;
}

/// Up to the point where the breaker sleeps for the pin's sake.
Reason wait_unexercised(const Timeline& timeline) {
  const auto of_page = [&](EventKind kind) {
    return std::any_of(timeline.events.begin(), timeline.events.end(), [kind](const Event& event) {
      return event.kind == kind && event.page != 0;
    });
  };
  if (!of_page(EventKind::scan)) return "the observer saw no scan that returned a busy page";
  // A system call may wait on other variables too.
  if (!of_page(EventKind::wait)) return "the observer saw nobody wait for a page";
  const Event* const asleep = timeline.first(EventKind::sleep);
  const Event* const release = timeline.first(EventKind::release_begin);
  if (asleep == nullptr || (release != nullptr && asleep->t_ns > release->t_ns))
    return "the breaker was never seen asleep before the pin was released";
  return std::nullopt;
}

/// The same of a device's teardown, which sleeps on no page: it was asleep when it should long have
/// been over, and came to its end only after the release.
Reason teardown_unexercised(const Timeline& timeline) {
  const Event* const asleep = timeline.first(EventKind::sleep);
  const Event* const release = timeline.first(EventKind::release_begin);
  if (asleep == nullptr || (release != nullptr && asleep->t_ns > release->t_ns))
    return "the teardown was never seen asleep before the pin was released";
  const Event* const end = timeline.first(EventKind::break_end);
  if (end == nullptr) return "the breaker did not return";
  if (end->value != 0) return fmt::format("the breaker failed: {}", errno_word(end->value));
  if (release == nullptr) return "the pin was never released";
  return std::nullopt;
}

Reason wake_unexercised(const Timeline& timeline, const Scheme& scheme) {
  const Event* const end = timeline.first(EventKind::break_end);
  if (end == nullptr) return "the breaker did not return";
  if (end->value != 0) return fmt::format("the breaker failed: {}", errno_word(end->value));
  const Event* const release = timeline.first(EventKind::release_begin);
  if (release == nullptr) return "the pin was never released";
  const bool woken = woken_at_idle(timeline, scheme, release->t_ns, end->t_ns);
  if (timeline.first(EventKind::poke) != nullptr)
    return woken ? "the wake came but the breaker did not return in time: a slow machine"
                 : "the breaker returned only after the poke";
  if (!woken) return "the observer saw no wake at the idle count before the breaker returned";
  return std::nullopt;
}

/// Whether the breaker has to wait for the pin: only then is a wait part of the proof.
bool must_wait(const Timeline& timeline) {
  return timeline.frees_page && !timeline.transient;
}

/// A breaker that need not wait, and returned.
Reason return_unexercised(const Timeline& timeline) {
  const Event* const end = timeline.first(EventKind::break_end);
  if (end == nullptr) return "the breaker did not return";
  if (end->value != 0) return fmt::format("the breaker failed: {}", errno_word(end->value));
  if (timeline.first(EventKind::poke) != nullptr) return "the breaker returned only after the poke";
  return std::nullopt;
}

/// Whether the breaker was seen asleep for a page of the file before the pin was released.
bool waited(const Timeline& timeline) {
  return !wait_unexercised(timeline).has_value();
}

/// The disturber was to end the wait; what it ended is not waited for any more.
bool ended_by_disturber(const Timeline& timeline) {
  const Event* const end = timeline.first(EventKind::break_end);
  const Event* const release = timeline.first(EventKind::release_begin);
  const bool before_release = release == nullptr || (end != nullptr && end->t_ns < release->t_ns);
  return timeline.interrupts && before_release &&
         (timeline.first(EventKind::break_died) != nullptr || (end != nullptr && end->value != 0));
}

}  // namespace

Reason not_exercised(const Timeline& timeline, const Scheme& scheme) {
  if (!timeline.trouble.empty()) return timeline.trouble;
  const Event* const refused = timeline.first(EventKind::pin_refused);
  if (timeline.must_be_refused && refused != nullptr)
    return refused_unexercised(timeline, *refused);
  if (refused != nullptr) return fmt::format("the pin was refused: {}", errno_word(refused->value));
  if (timeline.first(EventKind::pin_held) == nullptr) return "nothing was pinned";
  if (!timeline.observer_gap.empty()) return "not observed: " + timeline.observer_gap;
  if (timeline.events_lost != 0)
    return fmt::format("the observer lost {} events", timeline.events_lost);
  if (timeline.device)
    return must_wait(timeline) ? teardown_unexercised(timeline) : return_unexercised(timeline);
  if (must_wait(timeline))
    if (auto reason = wait_unexercised(timeline)) return reason;
  if (timeline.ends_breaker && waited(timeline)) {
    if (timeline.first(EventKind::break_died) == nullptr)
      return "the breaker had ended before it could be killed";
    return std::nullopt;
  }
  if (waited(timeline) && ended_by_disturber(timeline)) return std::nullopt;
  return must_wait(timeline) || (waited(timeline) && !timeline.transient)
             ? wake_unexercised(timeline, scheme)
             : return_unexercised(timeline);
}

std::optional<std::string> refused_breaker(const Timeline& timeline) {
  static constexpr std::array refusals{EOPNOTSUPP, ENOTTY, ENOSYS, EINVAL, EBUSY};
  const Event* const end = timeline.first(EventKind::break_end);
  if (!timeline.refusable || end == nullptr) return std::nullopt;
  if (std::find(refusals.begin(), refusals.end(), end->value) == refusals.end())
    return std::nullopt;
  return fmt::format("{} is refused on {} here: {}", timeline.cell.breaker,
                     timeline.cell.filesystem, errno_word(end->value));
}

}  // namespace daxbreak::oracle
