// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "oracle/oracles.h"

namespace daxbreak::oracle {
namespace {

std::string errno_text(std::int64_t number) {
  return number == 0 ? "success" : std::strerror(static_cast<int>(number));
}

std::string details(const Event& event) {
  switch (event.kind) {
    case EventKind::pin_held:
      return fmt::format("count rose by {}", event.value);
    case EventKind::pin_refused:
      return fmt::format("{}: {}", event.text, errno_text(event.value));
    case EventKind::break_end:
    case EventKind::disturb_end:
      return errno_text(event.value);
    case EventKind::break_died:
      return fmt::format("by signal {}", event.value);
    case EventKind::counts:
      return fmt::format("{}: count {}, mappings {}, {} page(s)", event.text, event.count,
                         event.mapcount, event.value);
    case EventKind::reused:
      return fmt::format("device offset {:#x}", event.value);
    case EventKind::content:
      return fmt::format("{}: {} foreign bytes", event.text, event.value);
    case EventKind::noted:
      return fmt::format("{} {}", event.value, event.text);
    case EventKind::cpu:
      return fmt::format("{}: {:.2f} ms", event.text, static_cast<double>(event.value) / 1e6);
    case EventKind::scan:
      return event.page == 0
                 ? "no busy page"
                 : fmt::format("busy page, count {}, mappings {}", event.count, event.mapcount);
    case EventKind::wake:
      return fmt::format("waiters of the page, count {}", event.count);
    case EventKind::put:
      return fmt::format("of {} from count {}", event.value, event.count);
    default:
      return event.text;
  }
}

}  // namespace

std::string evidence_line(const Timeline& timeline, const Event& event) {
  const Event* const begin = timeline.first(EventKind::break_begin);
  const Event* const zero = begin != nullptr ? begin : timeline.first(EventKind::pin_begin);
  const std::int64_t from = zero != nullptr ? zero->t_ns : 0;
  return fmt::format("{:>+10.3f} ms  {:<13} {}", static_cast<double>(event.t_ns - from) / 1e6,
                     name_of(event.kind), details(event));
}

std::vector<std::string> evidence(const Timeline& timeline, std::vector<const Event*> events) {
  std::erase(events, nullptr);
  std::stable_sort(events.begin(), events.end(),
                   [](const Event* left, const Event* right) { return left->t_ns < right->t_ns; });
  events.erase(std::unique(events.begin(), events.end()), events.end());
  std::vector<std::string> lines;
  lines.reserve(events.size());
  for (const Event* event : events)
    lines.push_back(evidence_line(timeline, *event));
  return lines;
}

}  // namespace daxbreak::oracle
