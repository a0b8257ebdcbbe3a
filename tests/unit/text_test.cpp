// SPDX-License-Identifier: GPL-2.0
#include "base/text.h"

#include <gmock/gmock.h>

namespace daxbreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Text, TrimTakesOffTheEndsOnly) {
  EXPECT_EQ(trim("  a b\t\r\n"), "a b");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, SplitLeavesOutEmptyPieces) {
  EXPECT_THAT(split("a, b c ,,d", ","), ElementsAre("a", "b c", "d"));
  EXPECT_THAT(split("a, b\tc", ", \t"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split("a", ","), ElementsAre("a"));
  EXPECT_THAT(split(" , ,", ","), IsEmpty());
  EXPECT_THAT(split("", ","), IsEmpty());
}

}  // namespace
}  // namespace daxbreak
