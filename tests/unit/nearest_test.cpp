// SPDX-License-Identifier: GPL-2.0
#include "base/nearest.h"

#include <gtest/gtest.h>

namespace daxbreak {
namespace {

const std::vector<std::string> words{"vmsplice", "odirect-read", "odirect-write", "none", "4k"};

TEST(NearestWord, FindsSlipsOfTheHand) {
  EXPECT_EQ(nearest_word("vmsplcie", words), "vmsplice");
  EXPECT_EQ(nearest_word("VMSPLICE", words), "vmsplice");
  EXPECT_EQ(nearest_word("odirect_reed", words), "odirect-read");
  EXPECT_EQ(nearest_word("nine", words), "none");
}

TEST(NearestWord, DoesNotGuessWildly) {
  EXPECT_EQ(nearest_word("banana", words), "");
  EXPECT_EQ(nearest_word("zz", words), "");
  EXPECT_EQ(nearest_word("vmsplice", {}), "");
  EXPECT_EQ(nearest_word("", words), "");
}

}  // namespace
}  // namespace daxbreak
