// SPDX-License-Identifier: GPL-2.0
/// Follows a breaker to its end: pokes it, kills it, and writes down how it ended.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/clock.h"
#include "trial/actor.h"
#include "trial/recorder.h"

namespace daxbreak {

/// What a trial does at a breaker's turning points. Any may be empty.
struct BreakHooks {
  std::function<void()> drain;    ///< takes over what the kernel's side has seen so far
  std::function<void()> overdue;  ///< the deadline has passed; nothing was sent to it yet
  std::function<void()> ended;    ///< it has ended, whatever way; called once
};

/// The way of one breaker from its start to its end. The actor and the recorder outlive it.
class BreakWatch {
 public:
  BreakWatch(Actor& breaker, Recorder& record, Nanos deadline, BreakHooks hooks)
      : breaker_(breaker), record_(record), deadline_(deadline), hooks_(std::move(hooks)) {}

  /// Whether its end has been written down.
  [[nodiscard]] bool ended() const { return ended_; }

  /// Takes over the breaker's own stamps as far as there are some.
  void note();

  /// Waits that long at the most; true, and written down, if it has ended.
  bool note_if_ended(Nanos limit);

  /// Stamps that it was killed, waits for its death and writes it down.
  void await_death(std::string_view why);

  /// Waits for its end until the deadline; then pokes it, and then kills it, each time waiting that
  /// long again.
  void await_end();

 private:
  void drain() {
    if (hooks_.drain) hooks_.drain();
  }

  Actor& breaker_;
  Recorder& record_;
  Nanos deadline_;
  BreakHooks hooks_;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace daxbreak
