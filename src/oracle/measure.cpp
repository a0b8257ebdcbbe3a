// SPDX-License-Identifier: GPL-2.0
#include "oracle/oracles.h"

namespace daxbreak::oracle {

Measures measure(const Timeline& timeline) {
  Measures measures;
  const Event* const begin = timeline.first(EventKind::break_begin);
  const Event* const end = timeline.first(EventKind::break_end);
  const Event* const release = timeline.first(EventKind::release_begin);
  const Event* const asleep = timeline.first(EventKind::sleep);
  if (begin != nullptr && end != nullptr) measures.break_ns = end->t_ns - begin->t_ns;
  if (asleep != nullptr && release != nullptr && release->t_ns > asleep->t_ns)
    measures.blocked_ns = release->t_ns - asleep->t_ns;
  const bool poked = timeline.first(EventKind::poke) != nullptr;
  // A timer's release is known only as "not before": no latency can be counted from it.
  const bool timed = release != nullptr && !release->text.empty();
  if (release != nullptr && end != nullptr && end->t_ns >= release->t_ns && !poked && !timed) {
    measures.wake_ns = end->t_ns - release->t_ns;
    if (const Event* const wake = timeline.first(EventKind::wake, release->t_ns)) {
      if (const Event* const run = timeline.first(EventKind::run, wake->t_ns))
        measures.put_to_wake_ns = run->t_ns - wake->t_ns;
    }
  }
  std::int64_t scans = 0;
  for (const Event& event : timeline.events)
    scans += event.kind == EventKind::scan ? 1 : 0;
  if (scans > 0) measures.scans = scans;
  return measures;
}

}  // namespace daxbreak::oracle
