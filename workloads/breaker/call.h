// SPDX-License-Identifier: GPL-2.0
/// Small things that most breakers need around their one call.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace daxbreak {

/// What a system call's return value says: 0, or errno.
[[nodiscard]] inline int outcome(long returned) {
  return returned >= 0 ? 0 : errno;
}

/// Closes one of the breaker's own copies of a descriptor, which would keep what it refers to
/// alive. Not reset: the copy has no other owner.
inline void give_up(int& descriptor) {
  if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

}  // namespace daxbreak
