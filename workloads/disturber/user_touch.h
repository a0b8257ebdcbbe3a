// SPDX-License-Identifier: GPL-2.0
/// Faults that cannot kill whoever makes them.
#pragma once

#include <cstddef>
#include <span>

namespace daxbreak {

/// Faults every 4 KiB of `memory` in for reading. 0, or errno. The kernel does the reading
/// (write(2) to a pipe copies from user memory), so a page behind the end of a file that was cut
/// meanwhile is EFAULT, and not a SIGBUS; the rest is touched all the same.
[[nodiscard]] int touch_by_kernel(std::span<const std::byte> memory);

}  // namespace daxbreak
