// SPDX-License-Identifier: GPL-2.0
#include "trial/timeline.h"

#include <algorithm>

namespace daxbreak {

std::string_view name_of(EventKind kind) {
  switch (kind) {
    case EventKind::pin_begin:
      return "pin_begin";
    case EventKind::pin_held:
      return "pin_held";
    case EventKind::pin_refused:
      return "pin_refused";
    case EventKind::disturb_begin:
      return "disturb_begin";
    case EventKind::disturb_end:
      return "disturb_end";
    case EventKind::break_begin:
      return "break_begin";
    case EventKind::break_end:
      return "break_end";
    case EventKind::break_died:
      return "break_died";
    case EventKind::release_begin:
      return "release_begin";
    case EventKind::release_end:
      return "release_end";
    case EventKind::poke:
      return "poke";
    case EventKind::kill:
      return "kill";
    case EventKind::gave_up:
      return "gave_up";
    case EventKind::loosened:
      return "loosened";
    case EventKind::bystander_begin:
      return "bystander_begin";
    case EventKind::bystander_end:
      return "bystander_end";
    case EventKind::taken:
      return "taken";
    case EventKind::dirtied:
      return "dirtied";
    case EventKind::flushed:
      return "flushed";
    case EventKind::noted:
      return "noted";
    case EventKind::writeback:
      return "writeback";
    case EventKind::counts:
      return "counts";
    case EventKind::reused:
      return "reused";
    case EventKind::content:
      return "content";
    case EventKind::cpu:
      return "cpu";
    case EventKind::kernel_log:
      return "kernel_log";
    case EventKind::scan:
      return "scan";
    case EventKind::wait:
      return "wait";
    case EventKind::sleep:
      return "sleep";
    case EventKind::run:
      return "run";
    case EventKind::wake:
      return "wake";
    case EventKind::put:
      return "put";
  }
  return "unknown";
}

const Event* Timeline::first(EventKind kind, std::int64_t from_ns) const {
  const auto at = std::find_if(events.begin(), events.end(), [&](const Event& event) {
    return event.kind == kind && event.t_ns >= from_ns;
  });
  return at == events.end() ? nullptr : &*at;
}

const Event* Timeline::last(EventKind kind) const {
  const auto at = std::find_if(events.rbegin(), events.rend(),
                               [&](const Event& event) { return event.kind == kind; });
  return at == events.rend() ? nullptr : &*at;
}

std::vector<const Event*> Timeline::counts_at(std::string_view when) const {
  std::vector<const Event*> found;
  for (const Event& event : events)
    if (event.kind == EventKind::counts && event.text == when) found.push_back(&event);
  return found;
}

}  // namespace daxbreak
