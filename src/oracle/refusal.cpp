// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include "oracle/oracles.h"

namespace daxbreak::oracle {

std::vector<Finding> refusal(const Timeline& timeline) {
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

}  // namespace daxbreak::oracle
