// SPDX-License-Identifier: GPL-2.0
// The breaker is stopped and continued while it waits. SIGSTOP ends the wait as any signal does;
// with no handler to run the call is begun anew after SIGCONT (arch_do_signal_or_restart()), finds
// the page still busy and must wait again.
#include <csignal>

#include "workloads/disturber/breaker_signal.h"
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

constexpr std::chrono::milliseconds stopped{20};
constexpr std::chrono::seconds again{1};

Result<void> stop_and_continue(Scene& scene) {
  if (auto sent = signal_breaker(scene.breaker, SIGSTOP); !sent) return sent;
  sleep_for(stopped);
  if (auto sent = signal_breaker(scene.breaker, SIGCONT); !sent) return sent;
  await_sleep(scene.breaker, again);
  return ok();
}

const DisturberRegistry::Add registered{{
    .name = "sigstop",
    .help = "SIGSTOP and, 20 ms later, SIGCONT for the sleeping breaker; it must go on waiting",
    .needs_mapping = false,
    .during = stop_and_continue,
    .recipe = {.during = R"(check(kill(breaker, SIGSTOP) == 0, "kill");
usleep(20000);
check(kill(breaker, SIGCONT) == 0, "kill");
)"},
}};

}  // namespace
}  // namespace daxbreak
