// SPDX-License-Identifier: GPL-2.0
/// Somebody who acts on the trial's file in a process of its own: it can be poked, killed, and
/// found sleeping. The breaker is one, a bystander another.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "workloads/breaker/breaker.h"

namespace daxbreak {

/// What an actor does, in its own process.
struct ActorWork {
  std::function<int(BreakTarget&)> arm;  ///< right after the fork; 0 or errno; may be empty
  std::function<int(BreakTarget&)> run;  ///< when told to go; 0 or errno
  bool ends_process = false;             ///< run() does not return: its end is the process's
};

/// How the actor's call ended. Times are CLOCK_MONOTONIC nanoseconds.
struct ActorReport {
  std::int64_t begin_ns = 0;  ///< just before the call; 0: it never got there
  std::int64_t end_ns = 0;    ///< just after; 0: it never came back
  int error = 0;              ///< 0 or errno
  std::int64_t cpu_ns = 0;    ///< CPU time between the two
  int signal = 0;             ///< what ended the process instead
};

/// A forked process that does its work once. It is forked before the trial maps the file, so that
/// it maps nothing of it but what arm() maps. Destroying it kills it, without waiting for one that
/// does not die.
///
/// In it SIGUSR1 has a handler without SA_RESTART, SIGUSR2 one with it.
class Actor {
 public:
  /// Forks, and waits until arm() has ended; its errno is the Error's number.
  [[nodiscard]] static Result<Actor> fork(const ActorWork& work, const BreakTarget& target);
  Actor(Actor&&) noexcept;
  Actor& operator=(Actor&&) = delete;
  ~Actor();

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Lets it enter its call.
  Result<void> go();

  /// Waits for the process to end; true if it has.
  [[nodiscard]] bool wait(Nanos limit);

  /// SIGUSR1: an interruptible wait ends in EINTR, or, if its condition has come true unnoticed, in
  /// success.
  void poke() const;

  /// SIGKILL.
  void kill() const;

  /// Keeps it off this processor, if there is another one.
  void leave_cpu(int cpu) const;

  /// What is known so far; complete once wait() returned true.
  [[nodiscard]] ActorReport report() const;

  /// CPU time it has used so far (/proc/PID/schedstat), nanoseconds; nothing if it is gone.
  [[nodiscard]] std::optional<std::int64_t> cpu_ns() const;

 private:
  struct Shared;  // the page both processes see
  Actor() = default;
  [[noreturn]] void act(const ActorWork& work, BreakTarget target, int orders);

  pid_t pid_ = -1;
  Fd pidfd_;
  Fd channel_;
  Shared* shared_ = nullptr;
  bool ends_process_ = false;
  bool ended_ = false;
  int signal_ = 0;
};

}  // namespace daxbreak
