// SPDX-License-Identifier: GPL-2.0
/// A timeline in few bytes: a run of thousands of trials has to fit into one page.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "report/html_strings.h"
#include "trial/timeline.h"

namespace daxbreak::html {

/// One event that the page shows, or one gap.
struct ShownEvent {
  const Event* event = nullptr;  ///< nullptr: a gap
  std::size_t puts = 0;          ///< left out in the gap
  std::size_t wakes = 0;
  std::int64_t t_ns = 0;  ///< the event's, or that of the first one left out
};

/// The events to show: all but the inner ones of long rows of puts and wakes (a pin that comes and
/// goes thousands of times a second), of which gaps take the place.
[[nodiscard]] std::vector<ShownEvent> shown_events(const Timeline& timeline);

/// What an event says beside its time and kind, as evidence has it: "busy page, count 2, ...".
[[nodiscard]] std::string event_detail(const Timeline& timeline, const Event& event);

/// {"e": [time, shape, time, shape, ...], "t": [tid, ...]}: the first time is nanoseconds from the
/// breaker's begin (evidence's zero), each later one from the event before; tasks and pages of the
/// shapes count from 1 in the order of their coming; "t" names the tasks.
[[nodiscard]] Json timeline_json(const Timeline& timeline, std::span<const ShownEvent> shown,
                                 StringTable& strings, ShapeTable& shapes);

/// Evidence: a number for a line that is the shown event of that number, the text of any other.
[[nodiscard]] Json evidence_json(const Timeline& timeline, std::span<const ShownEvent> shown,
                                 const std::vector<std::string>& evidence);

}  // namespace daxbreak::html
