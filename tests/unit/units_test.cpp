// SPDX-License-Identifier: GPL-2.0
#include "base/units.h"

#include <gtest/gtest.h>

namespace daxbreak {
namespace {

using namespace std::chrono_literals;

TEST(ParseSize, ReadsFiosSuffixesBase1024) {
  EXPECT_EQ(*parse_size("4096"), 4096U);
  EXPECT_EQ(*parse_size("4k"), 4096U);
  EXPECT_EQ(*parse_size("2M"), 2U << 20);
  EXPECT_EQ(*parse_size("1gib"), 1U << 30);
  EXPECT_EQ(*parse_size("1TB"), 1UL << 40);
  EXPECT_EQ(*parse_size("512b"), 512U);
  EXPECT_EQ(*parse_size("0"), 0U);
}

TEST(ParseSize, SaysWhatIsWrong) {
  EXPECT_EQ(parse_size("-1").error().message(), "\"-1\" is not a size: it is negative");
  EXPECT_EQ(parse_size("").error().message(), "a size is missing");
  EXPECT_EQ(parse_size("big").error().message(),
            "\"big\" is not a size: it does not start with a digit");
  EXPECT_EQ(parse_size("4q").error().message(),
            "\"4q\" is not a size: the suffix \"q\" is none of k, m, g, t");
  EXPECT_FALSE(parse_size("4 k"));
  EXPECT_FALSE(parse_size("1.5g"));
  EXPECT_FALSE(parse_size("99999999999999999999"));
  EXPECT_FALSE(parse_size("99999999t"));
}

TEST(ParseTime, ABareNumberIsSeconds) {
  EXPECT_EQ(*parse_time("2"), 2s);
  EXPECT_EQ(*parse_time("300ms"), 300ms);
  EXPECT_EQ(*parse_time("250us"), 250us);
  EXPECT_EQ(*parse_time("90ns"), 90ns);
  EXPECT_EQ(*parse_time("5m"), 5min);
  EXPECT_EQ(*parse_time("1H"), 1h);
}

TEST(ParseTime, SaysWhatIsWrong) {
  EXPECT_EQ(parse_time("3 parsecs").error().message(),
            "\"3 parsecs\" is not a time: the unit \" parsecs\" is none of ns, us, ms, s, m, h, d");
  EXPECT_FALSE(parse_time("-2s"));
  EXPECT_FALSE(parse_time("soon"));
  EXPECT_FALSE(parse_time("9999999999999d"));
}

TEST(FormatSize, IsTheShortestExactForm) {
  for (const char* text : {"0", "1", "4k", "2m", "512m", "1g", "1025", "3t"})
    EXPECT_EQ(format_size(*parse_size(text)), text);
  EXPECT_EQ(format_size(4096), "4k");
  EXPECT_EQ(format_size(1536), "1536");
}

TEST(FormatTime, HasThreeSignificantDigits) {
  EXPECT_EQ(format_time(90ns), "90 ns");
  EXPECT_EQ(format_time(1234567ns), "1.23 ms");
  EXPECT_EQ(format_time(45600ns), "45.6 us");
  EXPECT_EQ(format_time(999'600ns), "1.00 ms");
  EXPECT_EQ(format_time(9'996'000ns), "10.0 ms");
  EXPECT_EQ(format_time(120s), "120 s");
  EXPECT_EQ(format_time(-1500ns), "-1.50 us");
}

}  // namespace
}  // namespace daxbreak
