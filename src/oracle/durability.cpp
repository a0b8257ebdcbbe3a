// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <algorithm>

#include "oracle/oracles.h"

namespace daxbreak::oracle {
namespace {

/// A page that was stored to, and the fsync(2) that was to make it durable.
struct Promise {
  const Event* dirtied = nullptr;
  const Event* flushed = nullptr;
};

const Event* with_text(const Timeline& timeline, EventKind kind, std::string_view text) {
  const auto at =
      std::find_if(timeline.events.begin(), timeline.events.end(),
                   [&](const Event& event) { return event.kind == kind && event.text == text; });
  return at == timeline.events.end() ? nullptr : &*at;
}

Promise promise(const Timeline& timeline, std::string_view text) {
  return {.dirtied = with_text(timeline, EventKind::dirtied, text),
          .flushed = with_text(timeline, EventKind::flushed, text)};
}

/// Whether the kernel was seen to flush the page between its store and the end of fsync().
bool kept(const Timeline& timeline, const Promise& promise) {
  const auto index = static_cast<std::uint64_t>(promise.dirtied->value);
  return std::any_of(timeline.events.begin(), timeline.events.end(), [&](const Event& event) {
    return event.kind == EventKind::writeback && event.t_ns >= promise.dirtied->t_ns &&
           event.t_ns <= promise.flushed->t_ns && event.page <= index &&
           index < event.page + static_cast<std::uint64_t>(event.value);
  });
}

}  // namespace

std::vector<Finding> durability(const Timeline& timeline) {
  if (!timeline.observer_gap.empty() || timeline.events_lost != 0) return {};
  // The same store and fsync() before the break: without a flush that was seen there, none that is
  // missing later proves anything.
  const Promise control = promise(timeline, "control");
  const Promise witness = promise(timeline, "witness");
  if (control.flushed == nullptr || witness.flushed == nullptr) return {};
  if (control.flushed->value != 0 || witness.flushed->value != 0) return {};
  if (!kept(timeline, control) || kept(timeline, witness)) return {};
  Finding finding{.kind = "not-flushed"};
  finding.sentence = fmt::format(
      "page {} of the file, outside the range of {}, was stored to before it and fsync() succeeded "
      "after it, but the kernel never flushed the page; the same store and fsync() without a break "
      "between them did",
      witness.dirtied->value, timeline.cell.breaker);
  finding.evidence =
      evidence(timeline, {control.dirtied, timeline.first(EventKind::writeback), control.flushed,
                          witness.dirtied, timeline.first(EventKind::break_begin),
                          timeline.first(EventKind::break_end), witness.flushed});
  return {finding};
}

}  // namespace daxbreak::oracle
