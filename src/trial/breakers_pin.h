// SPDX-License-Identifier: GPL-2.0
/// The pin of a breaker that holds the page itself, which nobody but a signal can get out of its
/// wait (DisturberKind::pin_in_breaker).
#pragma once

#include <functional>

#include "trial/cell.h"
#include "trial/layout.h"
#include "workloads/breaker/breaker.h"

namespace daxbreak {

/// What such a breaker does beforehand, in its own process: it maps the file and takes the pin, in
/// its own mapping, and then does what its kind does. For ActorWork::arm. The cell's names are
/// known to exist; the result refers to neither cell nor layout.
[[nodiscard]] std::function<int(BreakTarget&)> arm_with_pin(const Cell& cell, const Layout& layout);

}  // namespace daxbreak
