// SPDX-License-Identifier: GPL-2.0
#include "base/proc.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace daxbreak {
namespace {

TEST(ProcessStat, CountsFromTheEndOfTheName) {
  const auto stat = parse_process_stat(
      "17 (a) R (b c) D 3 5 7 0 -1 4194560 9 10 11 12 13 14 15 16 17 18 19 20 987654 22 23 24\n");
  ASSERT_TRUE(stat) << stat.error().message();
  EXPECT_EQ(stat->state, 'D');
  EXPECT_EQ(stat->parent, 3);
  EXPECT_EQ(stat->group, 5);
  EXPECT_EQ(stat->flags, 4194560U);
  EXPECT_EQ(stat->start, 987654U);
  EXPECT_FALSE(stat->ended());
}

TEST(ProcessStat, RefusesWhatIsNone) {
  EXPECT_FALSE(parse_process_stat(""));
  EXPECT_FALSE(parse_process_stat("17 (sh) S 1 2 3"));
}

TEST(ProcessStat, OfThisProcess) {
  const auto stat = process_stat(::getpid());
  ASSERT_TRUE(stat) << stat.error().message();
  EXPECT_EQ(stat->parent, ::getppid());
  EXPECT_EQ(stat->group, ::getpgrp());
  EXPECT_GT(stat->start, 0U);
  EXPECT_EQ(process_stat("/proc/self")->start, stat->start);
  EXPECT_FALSE(process_stat(pid_t{0}));
}

}  // namespace
}  // namespace daxbreak
