// SPDX-License-Identifier: GPL-2.0
/// Timelines made by hand, for the oracles' tests: the good trial, to be spoilt one event at a
/// time.
#pragma once

#include "kernel/scheme.h"
#include "trial/timeline.h"

namespace daxbreak::hand_made {

/// A scheme whose idle count is 1 and that does not count mappings.
[[nodiscard]] inline Scheme one_based() {
  return {.name = "fsdax-one", .idle = 1, .per_mapping = 0, .foll_get = 1, .foll_pin = 1024};
}

/// A scheme whose idle count is 0 and in which each mapping counts.
[[nodiscard]] inline Scheme zero_based() {
  return {.name = "zero", .idle = 0, .per_mapping = 1, .foll_get = 1, .foll_pin = 1024};
}

[[nodiscard]] constexpr std::int64_t ms(std::int64_t span) {
  return span * 1'000'000;
}

/// A trial under one_based() in which everything went as it must.
[[nodiscard]] inline Timeline good() {
  Timeline timeline;
  timeline.cell = {
      .kernel = "test", .filesystem = "ext4", .pin = "vmsplice", .breaker = "truncate"};
  timeline.deadline = std::chrono::milliseconds(500);
  timeline.pin_flow = "from_page";
  const std::uint64_t page = 0xffffea0000000000;
  timeline.events = {
      {.t_ns = ms(1), .kind = EventKind::counts, .value = 1, .count = 1, .text = "mapped"},
      {.t_ns = ms(2), .kind = EventKind::pin_begin},
      {.t_ns = ms(3), .kind = EventKind::pin_held, .value = 1},
      {.t_ns = ms(4), .kind = EventKind::counts, .value = 1, .count = 2, .text = "pinned"},
      {.t_ns = ms(10), .kind = EventKind::break_begin},
      {.t_ns = ms(11), .kind = EventKind::scan, .page = page, .count = 2},
      {.t_ns = ms(12), .kind = EventKind::wait, .page = page},
      {.t_ns = ms(13), .kind = EventKind::sleep},
      {.t_ns = ms(100), .kind = EventKind::release_begin},
      {.t_ns = ms(101), .kind = EventKind::put, .page = page, .value = 1, .count = 2},
      {.t_ns = ms(102), .kind = EventKind::wake, .page = page, .count = 1},
      {.t_ns = ms(103), .kind = EventKind::run},
      {.t_ns = ms(104), .kind = EventKind::scan},
      {.t_ns = ms(105), .kind = EventKind::release_end},
      {.t_ns = ms(110), .kind = EventKind::break_end},
      {.t_ns = ms(110), .kind = EventKind::cpu, .value = ms(2), .text = "in call"},
      {.t_ns = ms(120), .kind = EventKind::counts, .value = 16, .count = 1, .text = "settled"},
      {.t_ns = ms(130), .kind = EventKind::counts, .value = 16, .count = 1, .text = "removed"},
  };
  return timeline;
}

/// The first event of a kind, to be changed.
[[nodiscard]] inline Event& event(Timeline& timeline, EventKind kind) {
  for (Event& candidate : timeline.events)
    if (candidate.kind == kind) return candidate;
  return timeline.events.front();
}

/// Takes all events of a kind away.
inline void remove(Timeline& timeline, EventKind kind) {
  std::erase_if(timeline.events, [kind](const Event& event) { return event.kind == kind; });
}

/// Puts an event in its place.
inline void insert(Timeline& timeline, Event event) {
  auto at = timeline.events.begin();
  while (at != timeline.events.end() && at->t_ns <= event.t_ns)
    ++at;
  timeline.events.insert(at, std::move(event));
}

/// The breaker slept past its deadline, was poked at 600 ms and then ended with `error`; the
/// page's count was `count`, of which `mappings` were mappings.
[[nodiscard]] inline Timeline overdue(int error, std::int32_t count, std::int32_t mappings) {
  Timeline timeline = good();
  remove(timeline, EventKind::wake);
  remove(timeline, EventKind::run);
  remove(timeline, EventKind::break_end);
  std::erase_if(timeline.events, [](const Event& event) {
    return event.kind == EventKind::cpu || (event.kind == EventKind::scan && event.page == 0);
  });
  insert(timeline, {.t_ns = ms(599),
                    .kind = EventKind::counts,
                    .value = 1,
                    .count = count,
                    .mapcount = mappings,
                    .text = "overdue"});
  insert(timeline, {.t_ns = ms(600), .kind = EventKind::poke});
  insert(timeline, {.t_ns = ms(601), .kind = EventKind::break_end, .value = error});
  return timeline;
}

}  // namespace daxbreak::hand_made
