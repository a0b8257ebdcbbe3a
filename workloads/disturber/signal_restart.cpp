// SPDX-License-Identifier: GPL-2.0
// A signal whose handler has SA_RESTART reaches the sleeping breaker: the wait ends in
// -ERESTARTSYS, the call is begun anew, finds the page still busy and must wait again.
#include <csignal>

#include "workloads/disturber/breaker_signal.h"
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

constexpr std::chrono::seconds again{1};

Result<void> interrupt(Scene& scene) {
  if (auto sent = signal_breaker(scene.breaker, SIGUSR2); !sent) return sent;
  await_sleep(scene.breaker, again);
  return ok();
}

const DisturberRegistry::Add registered{{
    .name = "signal-restart",
    .help = "a signal with SA_RESTART for the sleeping breaker; it must go on waiting",
    .needs_mapping = false,
    .device_dax = true,
    .during = interrupt,
    .recipe = {.during = R"(check(kill(breaker, SIGUSR2) == 0, "kill"); /* SA_RESTART */)"
                         "\n"},
}};

}  // namespace
}  // namespace daxbreak
