// SPDX-License-Identifier: GPL-2.0
// SIGKILL for the breaker while it sleeps and the pin still holds: it must die without waiting.
#include <csignal>

#include "workloads/disturber/breaker_signal.h"
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

const DisturberRegistry::Add registered{{
    .name = "sigkill",
    .help = "SIGKILL for the sleeping breaker; it must end while the pin still holds",
    .ends_breaker = EndsBreaker::died,
    .needs_mapping = false,
    .device_dax = true,
    .during = [](Scene& scene) { return signal_breaker(scene.breaker, SIGKILL); },
    .recipe = {.during = R"(check(kill(breaker, SIGKILL) == 0, "kill");)"
                         "\n"},
}};

}  // namespace
}  // namespace daxbreak
