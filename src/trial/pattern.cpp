// SPDX-License-Identifier: GPL-2.0
#include "trial/pattern.h"

#include <array>
#include <cstring>

namespace daxbreak {
namespace {

// "daxbreak" in ASCII: recognisable in a hex dump.
constexpr std::uint64_t magic = 0x6b61657262786164;

using Line = std::array<std::uint64_t, pattern_line / sizeof(std::uint64_t)>;

Line line_at(PatternId id, std::uint64_t offset) {
  const std::uint64_t who = (std::uint64_t{id.owner} << 32) | id.generation;
  // The second half repeats the first inverted: half a line of somebody else's data never counts.
  return {magic, who, offset, offset ^ who, ~magic, ~who, ~offset, ~(offset ^ who)};
}

}  // namespace

void fill_pattern(std::span<std::byte> memory, PatternId id, std::uint64_t offset) {
  for (std::size_t at = 0; at + pattern_line <= memory.size(); at += pattern_line) {
    const Line line = line_at(id, offset + at);
    std::memcpy(memory.data() + at, line.data(), pattern_line);
  }
}

std::size_t count_pattern(std::span<const std::byte> memory, PatternId id, std::uint64_t offset) {
  std::size_t matching = 0;
  for (std::size_t at = 0; at + pattern_line <= memory.size(); at += pattern_line) {
    const Line line = line_at(id, offset + at);
    if (std::memcmp(memory.data() + at, line.data(), pattern_line) == 0) matching += pattern_line;
  }
  return matching;
}

}  // namespace daxbreak
