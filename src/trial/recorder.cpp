// SPDX-License-Identifier: GPL-2.0
#include "trial/recorder.h"

#include <algorithm>

namespace daxbreak {
namespace {

constexpr std::size_t usual_events = 256;

EventKind kind_of(KernelEventKind kind) {
  switch (kind) {
    case KernelEventKind::scan:
      return EventKind::scan;
    case KernelEventKind::wait:
      return EventKind::wait;
    case KernelEventKind::sleep:
      return EventKind::sleep;
    case KernelEventKind::run:
      return EventKind::run;
    case KernelEventKind::wake:
      return EventKind::wake;
    case KernelEventKind::put:
      return EventKind::put;
    case KernelEventKind::writeback:
      return EventKind::writeback;
  }
  return EventKind::scan;
}

}  // namespace

Recorder::Recorder(Timeline& timeline) : timeline_(timeline) {
  timeline_.events.reserve(usual_events);
  fresh_.reserve(usual_events);
}

std::int64_t Recorder::stamp(EventKind kind, std::int64_t value, std::string_view text) {
  const std::int64_t now = now_ns();
  at(now, kind, value, text);
  return now;
}

void Recorder::at(std::int64_t t_ns, EventKind kind, std::int64_t value, std::string_view text) {
  timeline_.events.push_back(
      {.t_ns = t_ns, .kind = kind, .value = value, .text = std::string(text)});
}

void Recorder::counts(const PageCounts& page, std::string_view when) {
  timeline_.events.push_back({.t_ns = now_ns(),
                              .kind = EventKind::counts,
                              .page = page.pfn,
                              .value = 1,
                              .count = page.refcount,
                              .mapcount = page.mapcount,
                              .text = std::string(when)});
}

void Recorder::histogram(const Census& census, std::string_view when) {
  const std::int64_t now = now_ns();
  for (const auto& [count, pages] : census)
    timeline_.events.push_back({.t_ns = now,
                                .kind = EventKind::counts,
                                .value = static_cast<std::int64_t>(pages),
                                .count = count,
                                .text = std::string(when)});
}

namespace {

/// Of a wait or a wake: how far into the struct page the key lies, which tells the two keys apart.
std::int64_t value_of(const KernelEvent& event) {
  const bool keyed = event.kind == KernelEventKind::wait || event.kind == KernelEventKind::wake;
  if (!keyed) return event.refs;
  return event.page == 0 ? 0 : static_cast<std::int64_t>(event.key - event.page);
}

}  // namespace

Result<void> Recorder::drain(Observer& observer) {
  fresh_.clear();
  if (auto drained = observer.drain(fresh_); !drained) return drained;
  for (const KernelEvent& event : fresh_)
    timeline_.events.push_back(
        {.t_ns = event.t_ns,
         .kind = kind_of(event.kind),
         .tid = event.tid,
         .page = event.kind == KernelEventKind::writeback ? event.key : event.page,
         .value = value_of(event),
         .count = event.count,
         .mapcount = event.mapcount});
  timeline_.events_lost = observer.lost();
  timeline_.events_left_out = observer.left_out();
  return ok();
}

bool Recorder::seen(EventKind kind, std::int64_t from_ns) const {
  return timeline_.first(kind, from_ns) != nullptr;
}

void Recorder::finish() {
  std::stable_sort(timeline_.events.begin(), timeline_.events.end(),
                   [](const Event& left, const Event& right) { return left.t_ns < right.t_ns; });
}

}  // namespace daxbreak
