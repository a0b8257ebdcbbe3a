// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <array>
#include <chrono>

#include "oracle/oracles.h"

namespace daxbreak::oracle {
namespace {

using Findings = std::vector<Finding>;

/// The number that the breaker noted; 0 if it did not.
std::int64_t noted_value(const Timeline& timeline, std::string_view what) {
  std::int64_t value = 0;
  for (const Event& event : timeline.events)
    if (event.kind == EventKind::noted && event.text == what) value = event.value;
  return value;
}

std::vector<const Event*> all_noted(const Timeline& timeline) {
  std::vector<const Event*> events;
  for (const Event& event : timeline.events)
    if (event.kind == EventKind::noted) events.push_back(&event);
  return events;
}

Findings of_notes(const Timeline& timeline, std::string_view what, std::string kind,
                  std::string_view sentence) {
  const std::int64_t value = noted_value(timeline, what);
  if (value == 0) return {};
  Finding finding{.kind = std::move(kind)};
  finding.sentence = fmt::format(fmt::runtime(sentence), value);
  finding.evidence = evidence(timeline, all_noted(timeline));
  return {finding};
}

/// Pages at a moment whose count is not the wanted one.
Findings off_count(const Timeline& timeline, std::string_view when, std::int32_t wanted,
                   std::string kind, std::string_view sentence) {
  std::int64_t off = 0;
  const Event* worst = nullptr;
  const auto seen = timeline.counts_at(when);
  for (const Event* event : seen) {
    if (event->count == wanted) continue;
    off += event->value;
    if (worst == nullptr || event->value > worst->value) worst = event;
  }
  if (worst == nullptr) return {};
  Finding finding{.kind = std::move(kind)};
  finding.sentence = fmt::format(fmt::runtime(sentence), off, worst->count, wanted);
  finding.evidence = evidence(timeline, seen);
  return {finding};
}

/// The breaker that did not come to its end by itself, or its process after it: that gives back the
/// last pages.
Findings unended(const Timeline& timeline) {
  const Event* const poke = timeline.first(EventKind::poke);
  const Event* const end = timeline.first(EventKind::break_end);
  if (poke == nullptr) return {};
  const bool ended = end != nullptr && end->t_ns < poke->t_ns;
  const Event* const given_up = timeline.last(EventKind::gave_up);
  const bool undead = given_up != nullptr && given_up->text == "after kill";
  if (ended && !undead) return {};
  Finding finding{.kind = undead ? "unkillable" : "stuck"};
  finding.sentence =
      fmt::format("{} {} after {:.1f} s{}", ended ? "the process that owns the pages" : "the break",
                  ended ? "was not gone" : "was not over",
                  std::chrono::duration<double>(timeline.deadline).count(),
                  undead ? ", and could not be killed" : "");
  finding.evidence = evidence(timeline, {timeline.first(EventKind::break_begin), end, poke,
                                         timeline.first(EventKind::kill), given_up});
  return {finding};
}

/// A page whose count lies below that of one mapping lost a reference that somebody gives back.
Findings in_use(const Timeline& timeline, const Scheme& scheme) {
  for (const Event* event : timeline.counts_at(moment::filled)) {
    if (event->count >= scheme.private_allocated) continue;
    Finding finding{.kind = "count-overwritten"};
    finding.sentence =
        fmt::format("{} page(s) took another's place at count {}, where scheme {} says {}",
                    event->value, event->count, scheme.name, scheme.private_allocated);
    finding.evidence = evidence(timeline, timeline.counts_at(moment::filled));
    return {finding};
  }
  return {};
}

}  // namespace

Findings private_memory(const Timeline& timeline, const Scheme& scheme) {
  const std::array parts{
      of_notes(timeline, noted::wrong, "corruption", "{} byte(s) came back other than stored"),
      of_notes(timeline, noted::held_moved, "moved-while-held",
               "{} page(s) moved to the device, or from it, while somebody held them"),
      of_notes(timeline, noted::held_unsaid, "refusal-unsaid",
               "{} page(s) that somebody held stayed, and the driver was told otherwise"),
      of_notes(timeline, noted::held_freed, "freed-while-held",
               "{} page(s) were given to somebody else while a pipe held them"),
      of_notes(timeline, noted::longterm_there, "longterm-on-device",
               "{} page(s) were pinned for long where they were, on the device"),
      of_notes(timeline, noted::strayed, "moved-unasked",
               "{} page(s) that the processor can use where they were left the device"),
      off_count(timeline, moment::migrated, scheme.private_allocated, "scheme-mismatch",
                "{} page(s) on the device were off the count, most at {} instead of {}"),
      off_count(timeline, moment::freed, scheme.private_freed, "scheme-mismatch",
                "{} page(s) were given back to the driver off the count, most at {} instead of {}"),
      off_count(timeline, moment::handed_out, scheme.private_idle, "count-overwritten",
                "{} page(s) were handed out off the idle count, most at {} instead of {}: their "
                "count was set while somebody else still changed it"),
      in_use(timeline, scheme),
      unended(timeline),
      off_count(timeline, moment::settled, scheme.private_idle, "count-drift",
                "{} page(s) of the device were off the idle count in the end, most at {} instead "
                "of {}"),
  };
  Findings all;
  for (const Findings& some : parts)
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

std::optional<std::string> private_unexercised(const Timeline& timeline) {
  if (!timeline.trouble.empty()) return timeline.trouble;
  if (const Event* const refused = timeline.first(EventKind::pin_refused))
    return fmt::format("the pages were not moved to the device: {}", errno_word(refused->value));
  if (!timeline.observer_gap.empty()) return "not observed: " + timeline.observer_gap;
  if (noted_value(timeline, noted::on_device) < timeline.pinned_pages)
    return "not all pages were seen on the device";
  const Event* const end = timeline.first(EventKind::break_end);
  if (end != nullptr && end->value != 0)
    return fmt::format("the breaker failed: {}", errno_word(end->value));
  if (end == nullptr && timeline.first(EventKind::break_died) == nullptr)
    return "the breaker did not return";
  if (timeline.counts_at(moment::migrated).empty())
    return "the pages on the device were not counted";
  std::int64_t given_back = 0;
  for (const Event* event : timeline.counts_at(moment::freed))
    given_back += event->value;
  if (given_back < timeline.pinned_pages)
    return fmt::format("the driver was seen to get {} page(s) back, of {}", given_back,
                       timeline.pinned_pages);
  return std::nullopt;
}

}  // namespace daxbreak::oracle
