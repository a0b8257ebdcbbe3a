// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <algorithm>

#include "oracle/oracles.h"

namespace daxbreak::oracle {
namespace {

std::vector<Finding> granted_longterm(const Timeline& timeline) {
  const Event* const held = timeline.first(EventKind::pin_held);
  if (!timeline.must_be_refused || held == nullptr) return {};
  Finding finding{.kind = "longterm-pin"};
  finding.sentence = fmt::format(
      "{} was granted on a file: a long-term pin keeps every layout break waiting for ever",
      timeline.cell.pin);
  finding.evidence = evidence(timeline, {timeline.first(EventKind::pin_begin), held,
                                         timeline.first(EventKind::break_begin)});
  return {finding};
}

/// The control: the same pin of anonymous memory.
const Event* control_of(const Timeline& timeline) {
  const auto at = std::find_if(timeline.events.begin(), timeline.events.end(), [](const Event& e) {
    return e.kind == EventKind::noted && e.text == noted::anonymous_pinned;
  });
  return at == timeline.events.end() ? nullptr : &*at;
}

std::vector<Finding> refused_ordinary(const Timeline& timeline) {
  const Event* const refused = timeline.first(EventKind::pin_refused);
  const Event* const control = control_of(timeline);
  if (refused == nullptr || control == nullptr || control->value != 1) return {};
  const auto mapped = timeline.counts_at(moment::mapped);
  Finding finding{.kind = "pin-refused"};
  finding.sentence = fmt::format(
      "{} of a page that is mapped and was read answered {}{}; the same of anonymous memory was "
      "granted",
      timeline.cell.pin, errno_word(refused->value),
      mapped.empty() ? "" : fmt::format(", its count being {}", mapped.back()->count));
  std::vector<const Event*> events{timeline.first(EventKind::pin_begin), refused, control,
                                   timeline.first(EventKind::kernel_log)};
  events.insert(events.end(), mapped.begin(), mapped.end());
  finding.evidence = evidence(timeline, std::move(events));
  return {finding};
}

}  // namespace

std::vector<Finding> refusal(const Timeline& timeline) {
  std::vector<Finding> findings = granted_longterm(timeline);
  for (Finding& finding : refused_ordinary(timeline))
    findings.push_back(std::move(finding));
  return findings;
}

}  // namespace daxbreak::oracle
