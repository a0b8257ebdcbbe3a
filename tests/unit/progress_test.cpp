// SPDX-License-Identifier: GPL-2.0
#include "report/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/text.h"

namespace daxbreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ProgressState two_machines() {
  return {.kernels = {{.kernel = "6.1",
                       .total = 216,
                       .passed = 120,
                       .failed = 20,
                       .inconclusive = 1,
                       .skipped = 2},
                      {.kernel = "7.2", .phase = "booting", .total = 216}},
          .elapsed = 90,
          .testing = 63.5};
}

TEST(Progress, LineTellsEverything) {
  EXPECT_EQ(progress_line(two_machines(), {.width = 100}),
            "6.1 143/216 ok 120 fail 20 ? 1 - 2 | 7.2 booting | 2m10s left");
}

TEST(Progress, LineNeverFillsTheWidth) {
  ProgressState state = two_machines();
  for (int i = 0; i < 6; ++i)
    state.kernels.push_back(state.kernels.front());
  for (int width = 10; width < 140; ++width)
    EXPECT_LT(text_width(progress_line(state, {.width = width})), static_cast<std::size_t>(width));
  EXPECT_THAT(progress_line(state, {.width = 70}), HasSubstr("1001/1728 done, 140 failed"));
}

TEST(Progress, TimeLeftIsNotGuessedFromNothing) {
  EXPECT_FALSE(seconds_left({}));
  ProgressState state{.kernels = {{.kernel = "6.1", .total = 100, .skipped = 50}}, .testing = 5};
  EXPECT_FALSE(seconds_left(state)) << "skips say nothing about speed";
  state.kernels[0].passed = 10;
  ASSERT_TRUE(seconds_left(state));
  EXPECT_DOUBLE_EQ(*seconds_left(state), 20);
  state.kernels[0].passed = 50;
  EXPECT_FALSE(seconds_left(state)) << "nothing is left";
}

TEST(Progress, TerminalLineIsRedrawnAndTakenAway) {
  std::string out;
  Progress progress({.width = 100}, true, [&](std::string_view text) { out += text; });
  ProgressState state = two_machines();
  progress.update(state, 10.0);
  EXPECT_THAT(out, ::testing::StartsWith("\r6.1 143/216"));
  EXPECT_THAT(out, Not(HasSubstr("\n")));
  out.clear();
  state.kernels[0].count(Outcome::pass);
  progress.update(state, 10.1);
  EXPECT_EQ(out, "") << "more often than four times a second";
  progress.update(state, 10.5);
  EXPECT_THAT(out, HasSubstr("144/216"));
  out.clear();
  progress.note("kernel died");
  EXPECT_THAT(out, ::testing::StartsWith("\r\033[Kkernel died\n6.1 144/216"));
  out.clear();
  progress.finish();
  EXPECT_EQ(out, "\r\033[K");
}

TEST(Progress, PlainLinesComeNowAndThen) {
  std::vector<std::string> out;
  Progress progress({.width = 100}, false, [&](std::string_view text) { out.emplace_back(text); });
  ProgressState state = two_machines();
  for (int i = 0; i < 60; ++i) {
    state.kernels[0].count(Outcome::pass);
    progress.update(state, 0.1 * i);
  }
  EXPECT_EQ(out.size(), 3U);  // at once, and after 25 trials each
  progress.update(state, 100);
  EXPECT_EQ(out.size(), 4U);
  for (const std::string& line : out) {
    EXPECT_TRUE(line.ends_with('\n'));
    EXPECT_THAT(line, Not(HasSubstr("\r")));
  }
  progress.finish();
  EXPECT_EQ(out.size(), 4U);
}

TEST(Progress, FirstVerdictIsAlwaysSaid) {
  std::string out;
  Progress progress({}, false, [&](std::string_view text) { out += text; });
  progress.verdict("6.1", "ext4/4k/a/b/none", {.outcome = Outcome::skip, .reason = "x"}, 1);
  EXPECT_EQ(out, "");
  progress.verdict("6.1", "ext4/4k/a/b/none",
                   {.outcome = Outcome::fail, .findings = {{.kind = "lost-wakeup"}}}, 42);
  EXPECT_EQ(out, "First verdict after 42s: 6.1 ext4/4k/a/b/none: fail (lost-wakeup)\n");
  progress.verdict("6.1", "ext4/4k/a/b/none", {.outcome = Outcome::pass}, 43);
  EXPECT_THAT(out, Not(HasSubstr("43s")));
}

}  // namespace
}  // namespace daxbreak
