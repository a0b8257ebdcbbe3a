// SPDX-License-Identifier: GPL-2.0
#include "pmem/extents.h"

#include <gtest/gtest.h>

namespace daxbreak {
namespace {

// Two extents with a hole between them, and their order on the device turned round.
const std::vector<Extent> extents{
    {.logical = 0, .physical = 0x800000, .length = 0x2000},
    {.logical = 0x4000, .physical = 0x200000, .length = 0x1000, .unwritten = true},
};

TEST(Extents, PhysicalOffset) {
  EXPECT_EQ(*physical_offset(extents, 0), 0x800000U);
  EXPECT_EQ(*physical_offset(extents, 0x1fff), 0x801fffU);
  EXPECT_EQ(*physical_offset(extents, 0x4010), 0x200010U);
}

TEST(Extents, NoPhysicalOffsetInHolesAndPastTheEnd) {
  EXPECT_FALSE(physical_offset(extents, 0x2000));
  EXPECT_FALSE(physical_offset(extents, 0x3fff));
  EXPECT_FALSE(physical_offset(extents, 0x5000));
  EXPECT_FALSE(physical_offset({}, 0));
  EXPECT_EQ(physical_offset(extents, 0x2000).error().message(),
            "byte 0x2000 of the file lies in a hole");
}

TEST(Extents, LogicalOffset) {
  EXPECT_EQ(*logical_offset(extents, 0x801000), 0x1000U);
  EXPECT_EQ(*logical_offset(extents, 0x200fff), 0x4fffU);
}

TEST(Extents, NoLogicalOffsetOfBlocksOfOthers) {
  EXPECT_FALSE(logical_offset(extents, 0x802000));
  EXPECT_FALSE(logical_offset(extents, 0x1fffff));
  EXPECT_FALSE(logical_offset(extents, 0x201000));
}

TEST(Extents, OffsetsAreInverse) {
  for (const std::uint64_t logical : {0UL, 0x1000UL, 0x1abcUL, 0x4000UL, 0x4fffUL})
    EXPECT_EQ(*logical_offset(extents, *physical_offset(extents, logical)), logical);
}

}  // namespace
}  // namespace daxbreak
