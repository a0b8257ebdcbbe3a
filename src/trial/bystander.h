// SPDX-License-Identifier: GPL-2.0
/// Follows the disturber's second actor to its end.
#pragma once

#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "trial/actor.h"
#include "trial/recorder.h"

namespace daxbreak {

/// Somebody else who uses the file while the breaker waits, from the start of the call to its end.
/// The recorder outlives it.
class Bystander {
 public:
  Bystander(Actor actor, Recorder& record) : actor_(std::move(actor)), record_(record) {}

  /// Lets it enter its call, and writes that down.
  Result<void> begin();

  /// Waits that long at the most for the end of what was begun, and writes it down, once.
  void note_if_ended(Nanos limit);

  /// The same; one that has not ended by then is given up and killed.
  void await_end(Nanos limit);

 private:
  Actor actor_;
  Recorder& record_;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace daxbreak
