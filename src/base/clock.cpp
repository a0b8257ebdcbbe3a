// SPDX-License-Identifier: GPL-2.0
#include "base/clock.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>

namespace daxbreak {
namespace {
constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t ns_per_ms = 1'000'000;
}  // namespace

std::int64_t now_ns() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (at.tv_sec * ns_per_second) + at.tv_nsec;
}

void sleep_for(Nanos span) {
  timespec left{.tv_sec = span.count() / ns_per_second, .tv_nsec = span.count() % ns_per_second};
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
  }
}

Nanos Deadline::left() const {
  return Nanos(std::max<std::int64_t>(0, at_ns_ - now_ns()));
}

int Deadline::left_ms() const {
  const std::int64_t ms = (left().count() + ns_per_ms - 1) / ns_per_ms;
  return static_cast<int>(std::min<std::int64_t>(ms, INT_MAX));
}

}  // namespace daxbreak
