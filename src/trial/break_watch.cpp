// SPDX-License-Identifier: GPL-2.0
#include "trial/break_watch.h"

namespace daxbreak {

void BreakWatch::note() {
  if (ended_) return;
  const ActorReport report = breaker_.report();
  if (report.begin_ns != 0 && !begun_) {
    record_.at(report.begin_ns, EventKind::break_begin);
    begun_ = true;
  }
  if (report.end_ns != 0) {
    record_.at(report.end_ns, EventKind::break_end, report.error);
    record_.at(report.end_ns, EventKind::cpu, report.cpu_ns, "in call");
    ended_ = true;
  } else if (report.signal != 0) {
    record_.stamp(EventKind::break_died, report.signal);
    ended_ = true;
  }
  if (ended_ && hooks_.ended) hooks_.ended();
}

bool BreakWatch::note_if_ended(Nanos limit) {
  if (!breaker_.wait(limit)) return false;
  drain();
  note();
  return true;
}

void BreakWatch::await_death(std::string_view why) {
  record_.stamp(EventKind::kill, 0, why);
  if (!breaker_.wait(deadline_)) record_.stamp(EventKind::gave_up, 0, "after kill");
  drain();
  note();
}

void BreakWatch::await_end() {
  if (ended_ || note_if_ended(deadline_)) return;
  drain();
  if (hooks_.overdue) hooks_.overdue();
  record_.stamp(EventKind::poke);
  breaker_.poke();
  if (!breaker_.wait(deadline_)) {
    record_.stamp(EventKind::gave_up, 0, "after poke");
    record_.stamp(EventKind::kill, 0, "after the poke");
    breaker_.kill();
    if (!breaker_.wait(deadline_)) record_.stamp(EventKind::gave_up, 0, "after kill");
  }
  drain();
  note();
}

}  // namespace daxbreak
