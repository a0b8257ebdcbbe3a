// SPDX-License-Identifier: GPL-2.0
#include "report/compare_interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace daxbreak {
namespace {

Figure judged(std::vector<double> base, std::vector<double> other, Good good = Good::lower,
              std::size_t tests = 1) {
  Figure figure{.good = good, .base = std::move(base), .other = std::move(other)};
  judge_figure(figure, {}, tests);
  return figure;
}

TEST(CompareInterval, QuantilesAreThoseOfTheTables) {
  EXPECT_NEAR(student_quantile(0.025, 2), 4.3027, 1e-3);
  EXPECT_NEAR(student_quantile(0.025, 4), 2.7764, 1e-3);
  EXPECT_NEAR(student_quantile(0.025, 18), 2.1009, 1e-3);
  EXPECT_NEAR(student_quantile(0.005, 10), 3.1693, 1e-3);
  EXPECT_NEAR(student_quantile(0.0005, 30), 3.6460, 1e-3);
  EXPECT_NEAR(student_quantile(0.025, 1e6), 1.960, 5e-3);
  EXPECT_NEAR(student_quantile(0.5, 7), 0.0, 1e-6);
}

TEST(CompareInterval, FisherIsThatOfTheTables) {
  EXPECT_NEAR(fisher_exact(0, 10, 3, 10), 0.2105, 1e-4);
  EXPECT_NEAR(fisher_exact(1, 10, 9, 10), 0.00109, 1e-5);
  EXPECT_NEAR(fisher_exact(3, 4, 1, 4), 0.4857, 1e-4);  // the lady who tasted tea, two-sided
  EXPECT_NEAR(fisher_exact(0, 1, 1, 1), 1.0, 1e-9);
  EXPECT_NEAR(fisher_exact(5, 10, 5, 10), 1.0, 1e-9);
}

TEST(CompareInterval, AClearChangeIsWorseOrBetter) {
  const Figure slower = judged({100, 101, 99, 100, 102}, {120, 121, 119, 122, 120});
  EXPECT_EQ(slower.judgement, Judgement::worse);
  EXPECT_NEAR(slower.change(), 0.2, 0.01);
  ASSERT_TRUE(slower.has_interval);
  EXPECT_LT(slower.low, slower.change());
  EXPECT_GT(slower.high, slower.change());
  EXPECT_GT(slower.low, 0.1);
  EXPECT_EQ(judged({120, 121, 119, 122, 120}, {100, 101, 99, 100, 102}).judgement,
            Judgement::better);
  EXPECT_EQ(judged({100, 101, 99}, {120, 121, 119}, Good::higher).judgement, Judgement::better);
  EXPECT_EQ(judged({120, 121, 119}, {100, 101, 99}, Good::higher).judgement, Judgement::worse);
}

TEST(CompareInterval, ASmallCertainChangeIsNone) {
  const Figure figure = judged({100, 100.1, 99.9, 100}, {102, 102.1, 101.9, 102});
  EXPECT_EQ(figure.judgement, Judgement::no_difference);
  EXPECT_GT(figure.low, 0);  // it is one, but not one that counts
}

TEST(CompareInterval, WhatIsUncertainIsNotGuessed) {
  const Figure wide = judged({100, 150, 80, 120}, {110, 160, 90, 130});
  EXPECT_EQ(wide.judgement, Judgement::cant_tell);
  EXPECT_FALSE(wide.why.empty());
  // Doubled, and yet two repetitions are two.
  const Figure few = judged({100, 101}, {200, 201});
  EXPECT_EQ(few.judgement, Judgement::cant_tell);
  EXPECT_FALSE(few.has_interval);
  EXPECT_EQ(few.why, "too few repetitions: 2 and 2, 3 are needed");
  EXPECT_EQ(judged({100, 101, 99, 100}, {}).judgement, Judgement::cant_tell);
}

TEST(CompareInterval, ManyComparisonsWidenEach) {
  const std::vector<double> base{100, 104, 97, 102, 99};
  const std::vector<double> other{110, 113, 108, 107, 111};
  const Figure alone = judged(base, other);
  const Figure among = judged(base, other, Good::lower, 1000);
  EXPECT_EQ(alone.judgement, Judgement::worse);
  EXPECT_EQ(among.judgement, Judgement::cant_tell);
  EXPECT_LT(among.low, alone.low);
  EXPECT_GT(among.high, alone.high);
}

TEST(CompareInterval, TheVerySameValuesAreNoDifferenceHoweverFew) {
  Figure figure{.base = {100}, .other = {100}, .same = true};
  judge_figure(figure, {}, 1);
  EXPECT_EQ(figure.judgement, Judgement::no_difference);
  figure.base = {100, 900, 5};
  figure.other = figure.base;
  judge_figure(figure, {}, 1);
  EXPECT_EQ(figure.judgement, Judgement::no_difference);
}

TEST(CompareInterval, WhatCannotBeComparedIsNot) {
  Figure figure{.base = {100, 100, 100},
                .other = {200, 200, 200},
                .hindrance = "accelerators differ: kvm and tcg"};
  judge_figure(figure, {}, 1);
  EXPECT_EQ(figure.judgement, Judgement::cant_tell);
  EXPECT_EQ(figure.why, "accelerators differ: kvm and tcg");
}

TEST(CompareInterval, ABucketsWidthIsNoCertainty) {
  // All repetitions in one bucket: without its width the interval would be a point.
  Figure figure{.base = {100, 100, 100}, .other = {106, 106, 106}, .resolution = 1.0 / 64};
  judge_figure(figure, {}, 1);
  EXPECT_LT(figure.low, figure.change());
  EXPECT_GT(figure.high, figure.change());
}

/// Of the same two sides measured again and again, not more than 5 % may be told apart, and of a
/// difference that there is, the interval must hold the true one in 95 %.
TEST(CompareInterval, HoldsAsOftenAsItSays) {
  std::mt19937 random(1);  // a fixed seed
  for (const std::size_t repetitions : {3UL, 5UL, 10UL}) {
    constexpr int rounds = 500;
    constexpr double truth = 1.3;
    std::lognormal_distribution<double> latencies(10, 0.2);
    int missed = 0;
    int told_apart = 0;
    for (int round = 0; round < rounds; ++round) {
      Figure other{};
      Figure same{};
      for (std::size_t at = 0; at < repetitions; ++at) {
        other.base.push_back(latencies(random));
        other.other.push_back(latencies(random) * truth);
        same.base.push_back(latencies(random));
        same.other.push_back(latencies(random));
      }
      judge_figure(other, {}, 1);
      judge_figure(same, {}, 1);
      if (truth - 1 < other.low || truth - 1 > other.high) ++missed;
      if (same.judgement == Judgement::worse || same.judgement == Judgement::better) ++told_apart;
    }
    // Three standard errors of 5 % in 500 rounds are 3 %.
    EXPECT_LT(missed, rounds * 0.08) << repetitions;
    EXPECT_GT(missed, rounds * 0.01) << repetitions;  // nor may it be so wide that it says nothing
    EXPECT_LT(told_apart, rounds * 0.08) << repetitions;
  }
}

TEST(CompareInterval, OneWorseLineMakesAllWorse) {
  using enum Judgement;
  EXPECT_EQ(all_of({no_difference, better, worse, cant_tell}), worse);
  EXPECT_EQ(all_of({no_difference, better, cant_tell}), better);
  EXPECT_EQ(all_of({no_difference, cant_tell}), cant_tell);
  EXPECT_EQ(all_of({no_difference}), no_difference);
  EXPECT_EQ(all_of({}), no_difference);
}

}  // namespace
}  // namespace daxbreak
