// SPDX-License-Identifier: GPL-2.0
/// Sizes and times as fio reads and prints them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace daxbreak {

/// Bytes of "4k", "2M", "1gib", "4096": suffixes k m g t (base 1024, either case), with optional
/// "ib" or "b". Errors say what is wrong with the text.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);

/// A time: "300ms", "2s", "5m", "1h", "250us", "90ns"; a bare number is seconds, as in fio.
[[nodiscard]] Result<Nanos> parse_time(std::string_view text);

/// "4k", "2m", "512m": the shortest exact form that parse_size() takes back.
[[nodiscard]] std::string format_size(std::uint64_t bytes);

/// "1.23 ms", "45.6 us": three significant digits and a unit.
[[nodiscard]] std::string format_time(Nanos span);

}  // namespace daxbreak
