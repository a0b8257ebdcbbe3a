// SPDX-License-Identifier: GPL-2.0
#include "trial/bystander.h"

namespace daxbreak {

Result<void> Bystander::begin() {
  record_.stamp(EventKind::bystander_begin);
  if (auto begun = actor_.go(); !begun) return begun;
  begun_ = true;
  return ok();
}

void Bystander::note_if_ended(Nanos limit) {
  if (!begun_ || ended_ || !actor_.wait(limit)) return;
  const ActorReport report = actor_.report();
  if (report.end_ns != 0) record_.at(report.end_ns, EventKind::bystander_end, report.error);
  ended_ = true;
}

void Bystander::await_end(Nanos limit) {
  note_if_ended(limit);
  if (!begun_ || ended_) return;
  record_.stamp(EventKind::gave_up, 0, "bystander");
  actor_.kill();
}

}  // namespace daxbreak
