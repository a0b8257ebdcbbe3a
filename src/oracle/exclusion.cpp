// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include "oracle/oracles.h"

namespace daxbreak::oracle {
namespace {

/// Whether the breaker took the pinned page's block: the file was seen to have lost it, or, where
/// there is no file left to look at, it is what this breaker does.
bool took_block(const Timeline& timeline) {
  const Event* const taken = timeline.first(EventKind::taken);
  return taken == nullptr ? timeline.frees_page : taken->value != 0;
}

}  // namespace

std::vector<Finding> exclusion(const Timeline& timeline) {
  const Event* const held = timeline.first(EventKind::pin_held);
  const Event* const begin = timeline.first(EventKind::break_begin);
  const Event* const end = timeline.first(EventKind::break_end);
  if (held == nullptr || begin == nullptr || end == nullptr) return {};
  if (timeline.transient || !took_block(timeline)) return {};
  if (end->value != 0 || held->t_ns > begin->t_ns) return {};
  const Event* const release = timeline.first(EventKind::release_begin);
  if (release != nullptr && end->t_ns >= release->t_ns) return {};

  const Event* const scan = timeline.first(EventKind::scan);
  Finding finding{.kind = "early-break"};
  finding.sentence = fmt::format(
      "{} returned success after {:.3f} ms while {} still held the page{}", timeline.cell.breaker,
      static_cast<double>(end->t_ns - begin->t_ns) / 1e6, timeline.cell.pin,
      release == nullptr ? std::string()
                         : fmt::format("; the release began {:.3f} ms later",
                                       static_cast<double>(release->t_ns - end->t_ns) / 1e6));
  if (timeline.pin_flow != "none" && timeline.first(EventKind::reused) == nullptr)
    finding.sentence += "; no other file was given the block, so leaks were not tested";
  finding.evidence = evidence(timeline, {held, timeline.last(EventKind::pin_held), begin, scan, end,
                                         timeline.first(EventKind::taken), release});
  return {finding};
}

}  // namespace daxbreak::oracle
