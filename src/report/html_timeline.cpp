// SPDX-License-Identifier: GPL-2.0
#include "report/html_timeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "oracle/oracles.h"
#include "report/text.h"

namespace daxbreak::html {
namespace {

constexpr std::size_t longest_row = 24;  // of puts and wakes; one pin of 16 pages fits
constexpr std::size_t kept_at_ends = 6;

bool is_traffic(const Event& event) {
  return event.kind == EventKind::put || event.kind == EventKind::wake;
}

std::string gap_text(const ShownEvent& gap) {
  std::vector<std::string> parts;
  if (gap.puts > 0) parts.push_back(fmt::format("{} put", thousands(gap.puts)));
  if (gap.wakes > 0) parts.push_back(fmt::format("{} wake", thousands(gap.wakes)));
  return enumerate(parts) + " events not listed";
}

std::size_t place_of(std::vector<std::uint64_t>& seen, std::uint64_t value) {
  if (value == 0) return 0;
  const auto at = std::find(seen.begin(), seen.end(), value);
  if (at != seen.end()) return static_cast<std::size_t>(at - seen.begin()) + 1;
  seen.push_back(value);
  return seen.size();
}

/// Only the kernel's events name a struct page; the others' field is a frame or an index.
bool names_page(EventKind kind) {
  return kind == EventKind::scan || kind == EventKind::wait || kind == EventKind::wake ||
         kind == EventKind::put;
}

std::int64_t zero_of(const Timeline& timeline) {
  const Event* const begin = timeline.first(EventKind::break_begin);
  const Event* const zero = begin != nullptr ? begin : timeline.first(EventKind::pin_begin);
  return zero != nullptr ? zero->t_ns : 0;
}

std::string_view without_tail(std::string_view line) {
  return line.substr(0, line.find_last_not_of(" \t\r\n") + 1);
}

}  // namespace

std::vector<ShownEvent> shown_events(const Timeline& timeline) {
  const std::vector<Event>& events = timeline.events;
  std::vector<ShownEvent> shown;
  const auto keep = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i)
      shown.push_back({.event = &events[i], .t_ns = events[i].t_ns});
  };
  std::size_t at = 0;
  while (at < events.size()) {
    std::size_t end = at;
    while (end < events.size() && is_traffic(events[end]))
      ++end;
    if (end == at) {
      keep(at, at + 1);
      ++at;
      continue;
    }
    if (end - at <= longest_row) {
      keep(at, end);
    } else {
      keep(at, at + kept_at_ends);
      ShownEvent gap{.t_ns = events[at + kept_at_ends].t_ns};
      for (std::size_t i = at + kept_at_ends; i < end - kept_at_ends; ++i)
        ++(events[i].kind == EventKind::put ? gap.puts : gap.wakes);
      shown.push_back(gap);
      keep(end - kept_at_ends, end);
    }
    at = end;
  }
  return shown;
}

std::string event_detail(const Timeline& timeline, const Event& event) {
  const std::string line = oracle::evidence_line(timeline, event);
  const std::string_view name = name_of(event.kind);
  std::string_view detail = line;
  detail.remove_prefix(line.find(name) + name.size());
  detail.remove_prefix(std::min(detail.find_first_not_of(' '), detail.size()));
  return std::string(without_tail(detail));
}

Json timeline_json(const Timeline& timeline, std::span<const ShownEvent> shown,
                   StringTable& strings, ShapeTable& shapes) {
  Json events = Json::array();
  std::vector<std::uint64_t> tasks;
  std::vector<std::uint64_t> pages;
  std::int64_t before = zero_of(timeline);
  for (const ShownEvent& one : shown) {
    EventShape shape{.kind = omitted_kind};
    if (one.event == nullptr) {
      shape.detail = strings.number(gap_text(one));
    } else {
      shape.kind = static_cast<int>(one.event->kind);
      shape.detail = strings.number(event_detail(timeline, *one.event));
      shape.task = place_of(tasks, one.event->tid);
      shape.page = names_page(one.event->kind) ? place_of(pages, one.event->page) : 0;
    }
    events.push_back(one.t_ns - before);
    events.push_back(shapes.number(shape));
    before = one.t_ns;
  }
  return {{"e", std::move(events)}, {"t", tasks}};
}

Json evidence_json(const Timeline& timeline, std::span<const ShownEvent> shown,
                   const std::vector<std::string>& evidence) {
  Json all = Json::array();
  std::vector<std::string> lines;
  if (!evidence.empty())
    for (const ShownEvent& one : shown)
      lines.push_back(one.event == nullptr ? "" : oracle::evidence_line(timeline, *one.event));
  for (const std::string& line : evidence) {
    const auto at = std::find(lines.begin(), lines.end(), line);
    if (at != lines.end())
      all.push_back(at - lines.begin());
    else
      all.push_back(without_tail(line));
  }
  return all;
}

}  // namespace daxbreak::html
