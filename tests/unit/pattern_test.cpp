// SPDX-License-Identifier: GPL-2.0
#include "trial/pattern.h"

#include <gtest/gtest.h>

#include <vector>

namespace daxbreak {
namespace {

constexpr PatternId mine{.owner = 7, .generation = 1};

std::vector<std::byte> filled(PatternId id, std::uint64_t offset) {
  std::vector<std::byte> bytes(4096);
  fill_pattern(bytes, id, offset);
  return bytes;
}

TEST(Pattern, IsRecognisedWhole) {
  EXPECT_EQ(count_pattern(filled(mine, 8192), mine, 8192), 4096U);
}

TEST(Pattern, AnotherOwnerIsNotMine) {
  EXPECT_EQ(count_pattern(filled({.owner = 8, .generation = 1}, 0), mine, 0), 0U);
}

TEST(Pattern, AnotherGenerationIsNotMine) {
  EXPECT_EQ(count_pattern(filled({.owner = 7, .generation = 2}, 0), mine, 0), 0U);
}

TEST(Pattern, AnotherPlaceIsNotMine) {
  EXPECT_EQ(count_pattern(filled(mine, 4096), mine, 0), 0U);
}

TEST(Pattern, OneSpoiltLineCostsOneLine) {
  auto bytes = filled(mine, 0);
  bytes[100] = std::byte{0xff};
  EXPECT_EQ(count_pattern(bytes, mine, 0), 4096U - pattern_line);
}

TEST(Pattern, ZeroesAreNobodys) {
  EXPECT_EQ(count_pattern(std::vector<std::byte>(4096), mine, 0), 0U);
}

}  // namespace
}  // namespace daxbreak
