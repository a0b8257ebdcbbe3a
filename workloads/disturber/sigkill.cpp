// SPDX-License-Identifier: GPL-2.0
// SIGKILL for the breaker while it sleeps and the pin still holds: it must die without waiting.
#include <csignal>

#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

Result<void> kill_breaker(Scene& scene) {
  if (::kill(scene.breaker, SIGKILL) != 0) return errno_error("send SIGKILL to the breaker");
  return ok();
}

const DisturberRegistry::Add registered{{
    .name = "sigkill",
    .help = "SIGKILL for the sleeping breaker; it must end while the pin still holds",
    .ends_breaker = true,
    .during = kill_breaker,
}};

}  // namespace
}  // namespace daxbreak
