// SPDX-License-Identifier: GPL-2.0
/// What the pins that do O_DIRECT I/O on a gate's device share.
#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "gate/gate.h"

namespace daxbreak {

/// How long release() waits for I/O whose gate is open: far longer than any gate needs.
inline constexpr std::chrono::seconds io_limit{20};

/// Opens the gate's device for O_DIRECT I/O.
[[nodiscard]] Result<Fd> open_device(const Gate& gate);

/// What the device holds at its start, read with O_DIRECT into memory of our own.
[[nodiscard]] Result<std::vector<std::byte>> device_content(int fd, std::size_t length);

/// Whether an I/O of `wanted` bytes ended well; `result` is a count or a negative errno.
[[nodiscard]] Result<void> io_result(const char* doing, std::int64_t result, std::size_t wanted);

}  // namespace daxbreak
