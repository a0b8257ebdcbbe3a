// SPDX-License-Identifier: GPL-2.0
/// The breaker in a process of its own: it can be poked, killed, and found sleeping.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "workloads/breaker/breaker.h"

namespace daxbreak {

/// How the breaker's call ended. Times are CLOCK_MONOTONIC nanoseconds.
struct BreakReport {
  std::int64_t begin_ns = 0;  ///< just before the system call; 0: it never got there
  std::int64_t end_ns = 0;    ///< just after; 0: it never came back
  int error = 0;              ///< 0 or errno
  std::int64_t cpu_ns = 0;    ///< CPU time between the two
  int signal = 0;             ///< what ended the process instead
};

/// A forked process that runs one breaker once. It is forked before the trial maps the file, so
/// that it maps nothing of it. Destroying it kills it, without waiting for one that does not die.
class BreakerProcess {
 public:
  [[nodiscard]] static Result<BreakerProcess> fork(const BreakerKind& kind,
                                                   const BreakTarget& target);
  BreakerProcess(BreakerProcess&&) noexcept;
  BreakerProcess& operator=(BreakerProcess&&) = delete;
  ~BreakerProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Lets it enter its system call.
  Result<void> go();

  /// Waits for the process to end; true if it has.
  [[nodiscard]] bool wait(Nanos limit);

  /// SIGUSR1, whose handler was installed without SA_RESTART: an interruptible wait ends in EINTR,
  /// or, if its condition has come true unnoticed, in success.
  void poke() const;

  /// SIGKILL.
  void kill() const;

  /// What is known so far; complete once wait() returned true.
  [[nodiscard]] BreakReport report() const;

  /// CPU time it has used so far (/proc/PID/schedstat), nanoseconds; nothing if it is gone.
  [[nodiscard]] std::optional<std::int64_t> cpu_ns() const;

 private:
  struct Shared;  // the page both processes see
  BreakerProcess() = default;

  pid_t pid_ = -1;
  Fd pidfd_;
  Fd start_;
  Shared* shared_ = nullptr;
  bool ended_ = false;
  int signal_ = 0;
};

}  // namespace daxbreak
