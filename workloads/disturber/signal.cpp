// SPDX-License-Identifier: GPL-2.0
// A signal whose handler has no SA_RESTART reaches the breaker while it sleeps and the pin still
// holds: the wait ends in -ERESTARTSYS (include/linux/wait.h, ___wait_var_event() with
// TASK_INTERRUPTIBLE), and the call returns EINTR, having changed nothing.
#include <csignal>

#include "workloads/disturber/breaker_signal.h"
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

const DisturberRegistry::Add registered{{
    .name = "signal",
    .help = "a signal without SA_RESTART for the sleeping breaker; its call must return EINTR",
    .ends_breaker = EndsBreaker::interrupted,
    .needs_mapping = false,
    .during = [](Scene& scene) { return signal_breaker(scene.breaker, SIGUSR1); },
    .recipe = {.during = R"(check(kill(breaker, SIGUSR1) == 0, "kill"); /* no SA_RESTART */)"
                         "\n"},
}};

}  // namespace
}  // namespace daxbreak
