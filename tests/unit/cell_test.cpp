// SPDX-License-Identifier: GPL-2.0
// A cell's id says all of it but the kernel, and reads back.
#include "trial/cell.h"

#include <gtest/gtest.h>

namespace daxbreak {
namespace {

TEST(CellId, ShowsOnlyWhatIsUnusual) {
  Cell cell{.filesystem = "ext4", .pin = "vmsplice", .breaker = "truncate"};
  EXPECT_EQ(cell.id(), "ext4/4k/vmsplice/truncate/none");
  cell.memory = "private";
  cell.gate = "null-blk";
  cell.range = "elsewhere";
  cell.page_size = 2UL << 20;
  EXPECT_EQ(cell.id(), "ext4/2m+private/vmsplice@null-blk/truncate:elsewhere/none");
}

TEST(CellId, ReadsBack) {
  for (const char* id : {"ext4/4k/vmsplice/truncate/none",
                         "xfs/2m+cow/odirect-read@nbd/punch-hole:same-pmd/refault"}) {
    const auto cell = parse_cell(id);
    ASSERT_TRUE(cell) << cell.error().message();
    EXPECT_EQ(cell->id(), id);
  }
}

TEST(CellId, WhatIsNoneIsRefused) {
  EXPECT_FALSE(parse_cell("ext4/4k/vmsplice/truncate"));
  EXPECT_FALSE(parse_cell("ext4/4q/vmsplice/truncate/none"));
}

}  // namespace
}  // namespace daxbreak
