// SPDX-License-Identifier: GPL-2.0
#include "workloads/disturber/breaker_signal.h"

#include <csignal>
#include <cstring>
#include <string>

#include "base/proc.h"

namespace daxbreak {

Result<void> signal_breaker(pid_t breaker, int signal) {
  if (::kill(breaker, signal) != 0)
    return errno_error(std::string("send the breaker a signal (") + ::strsignal(signal) + ")");
  return ok();
}

void await_sleep(pid_t breaker, Nanos limit) {
  const Deadline deadline(limit);
  for (;;) {
    // The signal first has to reach a sleeper, so its state is looked at only after a while.
    sleep_for(std::chrono::milliseconds(2));
    const auto now = process_stat(breaker);
    if (!now || now->state == 'S' || now->state == 'D' || now->ended() || deadline.passed()) return;
  }
}

}  // namespace daxbreak
