// SPDX-License-Identifier: GPL-2.0
/// All oracles over one timeline. Pure: no clock, no kernel, no global.
#pragma once

#include "kernel/scheme.h"
#include "oracle/verdict.h"
#include "trial/timeline.h"

namespace daxbreak {

/// Judges a trial by the invariants. The scheme says only what "idle" is, never what this kernel
/// is known to do.
[[nodiscard]] Verdict judge(const Timeline& timeline, const Scheme& scheme);

}  // namespace daxbreak
