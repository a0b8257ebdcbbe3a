// SPDX-License-Identifier: GPL-2.0
/// Data that say whose they are, so that a byte in the wrong place names its owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace daxbreak {

/// Bytes per line of pattern; every buffer is a multiple of it.
inline constexpr std::size_t pattern_line = 64;

/// Whose bytes a pattern marks. `owner` is unique within a run: a file, or a gate's device.
struct PatternId {
  std::uint32_t owner = 0;
  std::uint32_t generation = 0;  ///< how often the owner was rewritten
};

/// Fills `memory` with the owner's pattern as it stands at `offset` of the owner.
void fill_pattern(std::span<std::byte> memory, PatternId id, std::uint64_t offset);

/// How many bytes of `memory` lie in lines that carry exactly this owner's pattern for `offset`.
[[nodiscard]] std::size_t count_pattern(std::span<const std::byte> memory, PatternId id,
                                        std::uint64_t offset);

}  // namespace daxbreak
