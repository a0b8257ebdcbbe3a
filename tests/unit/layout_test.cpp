// SPDX-License-Identifier: GPL-2.0
// Where a trial pins and breaks, for every range relation and page size.
#include "trial/layout.h"

#include <gtest/gtest.h>

#include "pmem/mapping.h"

namespace daxbreak {
namespace {

bool overlap(const Stretch& left, const Stretch& right) {
  return left.offset < right.end() && right.offset < left.end();
}

Stretch page_at(std::uint64_t offset) {
  return {offset, small_page};
}

/// What must hold for every layout.
void check(const LayoutWish& wish) {
  SCOPED_TRACE(testing::Message() << wish.page_size << " " << wish.range << " tail "
                                  << wish.needs_tail << " pages " << wish.pin_pages);
  const auto made = layout_for(wish);
  ASSERT_TRUE(made) << made.error().message();
  const Layout& layout = *made;
  EXPECT_EQ(layout.pinned.length, wish.pin_pages * small_page);
  EXPECT_EQ(layout.pinned.end(), layout.page + small_page);
  EXPECT_TRUE(overlap(layout.mapped_page, page_at(layout.page)));
  EXPECT_EQ(overlap(layout.broken, page_at(layout.page)), wish.range == "same-page");
  EXPECT_FALSE(overlap(layout.broken, page_at(layout.witness)));
  EXPECT_FALSE(overlap(layout.pinned, page_at(layout.neighbour)));
  EXPECT_FALSE(overlap(layout.pinned, page_at(layout.witness)));
  EXPECT_NE(layout.neighbour, layout.witness);
  if (wish.range == "beyond-eof") {
    EXPECT_GE(layout.broken.offset, layout.file_size);
  } else if (wish.needs_tail) {
    EXPECT_LT(layout.broken.end(), layout.file_size);
  } else {
    EXPECT_EQ(layout.broken.end(), layout.file_size);
  }
  if (wish.range == "same-pmd") {
    EXPECT_TRUE(overlap(layout.mapped_page, layout.broken));
  }
  if (wish.page_size == huge_page) {
    EXPECT_EQ(layout.neighbour / huge_page, layout.page / huge_page);
  }
}

TEST(Layout, EveryRelationHoldsWhatItPromises) {
  for (const std::uint64_t size : {small_page, huge_page})
    for (const char* range : {"same-page", "same-extent", "same-pmd", "elsewhere", "beyond-eof"})
      for (const bool tail : {false, true})
        for (const std::uint64_t pages : {1U, 16U})
          if (size == huge_page || std::string_view(range) != "same-pmd")
            check({.page_size = size, .range = range, .needs_tail = tail, .pin_pages = pages});
}

TEST(Layout, SmallPagesShareNoPmd) {
  EXPECT_FALSE(layout_for({.page_size = small_page, .range = "same-pmd"}));
}

TEST(Layout, OtherPageSizesAreRefused) {
  EXPECT_FALSE(layout_for({.page_size = 12345}));
}

}  // namespace
}  // namespace daxbreak
