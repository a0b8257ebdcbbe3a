// SPDX-License-Identifier: GPL-2.0
/// When a boot is over, and what its end means for the trial that was running. Pure: time and
/// messages come in, judgements go out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lab/protocol.h"

namespace daxbreak {

/// How long a guest may take over what.
struct SessionLimits {
  Nanos boot{};        ///< from QEMU's start to hello
  Nanos provision{};   ///< from the plan to ready
  Nanos silence{};     ///< without any line, heartbeats included
  Nanos news{};        ///< without any line but heartbeats while a plan runs
  Nanos after_oops{};  ///< the same, once the console shows an oops
};

/// `patience` multiplies all; software emulation has longer ones to begin with.
[[nodiscard]] SessionLimits session_limits(const std::string& accelerator, double patience);

/// How a boot ended.
enum class Cause {
  exited,    ///< QEMU is gone
  silent,    ///< no line at all
  stalled,   ///< heartbeats, but the runner does not get on
  wedged,    ///< the runner asked for another machine
  failed,    ///< the runner died or gave up
  never_up,  ///< boot or provisioning took too long
};

/// One boot's bookkeeping. Times are now_ns().
class BootWatch {
 public:
  BootWatch(const SessionLimits& limits, std::int64_t now);

  void plan_sent(std::int64_t now);
  void heard(const Message& message, std::int64_t now);

  /// The cause and the sentence, once a limit has passed. `oops` says if the console shows one.
  struct Overdue {
    Cause cause;
    std::string sentence;
  };
  [[nodiscard]] std::optional<Overdue> overdue(std::int64_t now, bool oops) const;

  /// True when it would be worth to look at the console: no news for longer than after_oops.
  [[nodiscard]] bool suspicious(std::int64_t now) const;

  /// The trial that has begun and not ended, and for how long it has run; of a measurement, its
  /// repetition.
  [[nodiscard]] std::optional<std::uint64_t> open_trial() const { return open_; }
  [[nodiscard]] Nanos open_for(std::int64_t now) const { return Nanos(now - open_since_); }
  /// How many repetitions of the open measurement have been reported.
  [[nodiscard]] unsigned repetitions() const { return repetitions_; }
  /// True once any trial has begun in this boot.
  [[nodiscard]] bool came_to_trials() const { return trials_; }
  [[nodiscard]] bool running() const { return stage_ == Stage::running; }

 private:
  enum class Stage { booting, greeted, provisioning, running, idle };
  SessionLimits limits_;
  Stage stage_ = Stage::booting;
  std::int64_t since_;  ///< when the stage began
  std::int64_t last_line_;
  std::int64_t last_news_;
  std::int64_t open_since_ = 0;
  std::optional<std::uint64_t> open_;
  unsigned repetitions_ = 0;
  bool ready_ = false;
  bool trials_ = false;
};

/// What a bad end was, in the words of finding kinds and incidents.
struct Ending {
  std::string what;  ///< "panic", "kernel-oops", "silence", "wedge"; "harness" where the kernel is
                     ///< not to blame (QEMU failed, the runner died by itself)
  std::string sentence;
  std::vector<std::string> console;  ///< the telling lines
  bool complained = false;           ///< the kernel itself, by a panic or an oops
};

/// Judges an end by its cause, the cause's own sentence and the console. `qemu` is QEMU's own
/// complaint where it ended by failure, else "".
[[nodiscard]] Ending judge_ending(Cause cause, const std::string& sentence,
                                  const std::vector<std::string>& console, const std::string& qemu);

/// The record of the trial that an end cut short: failed by a finding of the ending's kind, or
/// inconclusive for "harness".
[[nodiscard]] TrialRecord lost_trial(const PlannedCell& planned, const std::string& kernel,
                                     const Ending& ending, Nanos ran);

/// The same of a measurement of which `reported` repetitions had been reported: the one that an end
/// cut short, and those that will not be run for it.
[[nodiscard]] std::vector<MeasureRecord> lost_measure(const MeasurePoint& point,
                                                      const std::string& kernel,
                                                      const Ending& ending, unsigned reported,
                                                      Nanos ran);

/// The record of a cell that will not be run, and why.
[[nodiscard]] TrialRecord skipped_trial(const PlannedCell& planned, const std::string& kernel,
                                        const std::string& reason);

}  // namespace daxbreak
