// SPDX-License-Identifier: GPL-2.0
/// How long a trial waits for what, on bare metal; TrialSetup::patience stretches it.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace daxbreak::span {

inline constexpr std::chrono::milliseconds break_limit{250};   ///< from the release to the
                                                               ///< breaker's return
inline constexpr std::chrono::milliseconds arm_limit{1000};    ///< from hold() to a risen count
inline constexpr std::chrono::milliseconds asleep_limit{500};  ///< from the breaker's start to its
                                                               ///< first sleep
inline constexpr std::chrono::milliseconds settle{4};  ///< a sleeper is watched before the release
inline constexpr std::chrono::milliseconds poll_step{1};
inline constexpr Nanos longest_trial = std::chrono::seconds(8);

/// The span times the patience.
[[nodiscard]] inline Nanos stretched(Nanos span, double patience) {
  return Nanos(static_cast<std::int64_t>(static_cast<double>(span.count()) * patience));
}

}  // namespace daxbreak::span
