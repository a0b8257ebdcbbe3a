// SPDX-License-Identifier: GPL-2.0
// The breaker pins the page itself and then breaks: it waits for its own hold, which nobody else
// can release, and only a signal gets it out. That is no defect of the wait; but the wait must then
// be one that a signal ends.
#include <csignal>

#include "workloads/disturber/breaker_signal.h"
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

const DisturberRegistry::Add registered{{
    .name = "own-pin",
    .help = "the breaker holds the pin itself; a signal must get it out of its wait (EINTR)",
    .ends_breaker = EndsBreaker::interrupted,
    .pin_in_breaker = true,
    .during = [](Scene& scene) { return signal_breaker(scene.breaker, SIGUSR1); },
    .recipe = {.during = R"(check(kill(breaker, SIGUSR1) == 0, "kill"); /* no SA_RESTART */)"
                         "\n"},
}};

}  // namespace
}  // namespace daxbreak
