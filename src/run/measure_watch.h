// SPDX-License-Identifier: GPL-2.0
/// The watchdog of a measurement: turns its phases, and ends what hangs.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "job/measure.h"
#include "kernel/storm_watch.h"
#include "oracle/verdict.h"
#include "run/measure_board.h"

namespace daxbreak {

/// How the clock's run ended.
struct WatchEnd {
  double seconds = 0;  ///< that were measured
  std::vector<Finding> findings;
  std::map<std::string, double> numbers;
  std::string trouble;  ///< why it proves nothing; "" if it does
};

/// Watches the workers of one repetition from another process. A breaker that gets nowhere while
/// others pin may only be starved, so the pinners are paused first. One that then still sleeps is
/// poked with a signal: if its call succeeds the page had become idle and nobody had woken it
/// (lost-wakeup); if it is interrupted the page never became idle (stuck).
class MeasureWatch {
 public:
  MeasureWatch(const MeasurePoint& point, const MeasureBoard& board, pid_t workers, double patience,
               const std::function<void()>& busy, StormWatch* observer);

  /// How long anything of this measurement may take before it hangs.
  [[nodiscard]] Nanos limit() const { return limit_; }

  /// From the fork to the stop. Afterwards the workers have ended, or must be killed.
  [[nodiscard]] WatchEnd run();

 private:
  struct Mark {
    std::uint64_t steps = 0;
    std::int64_t since = 0;
  };

  bool wait_ready();
  /// Tells the observer whom to follow.
  bool follow();
  /// Sleeps and looks; false if the measurement cannot go on.
  bool run_for(Nanos span);
  bool look();
  /// Threads that run and have not ended a step for longer than the limit.
  [[nodiscard]] std::vector<std::size_t> stalled();
  /// True if they came on by themselves once the pinners paused.
  bool calm_down(const std::vector<std::size_t>& who);
  void poke(const std::vector<std::size_t>& who);
  /// No pinner is at work, or blocked.
  [[nodiscard]] bool pinners_rest() const;
  void wait_ended();
  /// Now, or when the last thread had done its loops: the clock is looked at every 10 ms only.
  [[nodiscard]] std::int64_t end_of_clock() const;
  [[nodiscard]] bool over() const;
  [[nodiscard]] bool alive() const;
  void keep_busy();
  void tell_troubles();

  const MeasurePoint& point_;
  const MeasureBoard& board_;
  pid_t workers_;
  const std::function<void()>& busy_;
  StormWatch* observer_;
  Nanos limit_;
  std::vector<Mark> marks_;
  std::int64_t next_busy_ = 0;
  WatchEnd end_;
};

}  // namespace daxbreak
