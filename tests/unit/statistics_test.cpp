// SPDX-License-Identifier: GPL-2.0
#include "result/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace daxbreak {
namespace {

TEST(Statistics, BucketsAreThoseOfFio) {
  // The middles are those that fio 3.33 printed as 99.99th percentile for these maxima.
  EXPECT_EQ(Statistics::bucket_of(0), 0U);
  EXPECT_EQ(Statistics::bucket_of(127), 127U);
  EXPECT_EQ(Statistics::bucket_of(128), 128U);
  EXPECT_EQ(Statistics::bucket_of(129), 128U);
  EXPECT_EQ(Statistics::middle_of(Statistics::bucket_of(8012)), 8032);
  EXPECT_EQ(Statistics::middle_of(Statistics::bucket_of(9604)), 9664);
  EXPECT_EQ(Statistics::middle_of(Statistics::bucket_of(10806)), 10816);
  EXPECT_EQ(Statistics::bucket_of(std::numeric_limits<std::uint64_t>::max()),
            Statistics::buckets - 1);
}

TEST(Statistics, MiddleIsInItsBucketAndNearEveryValue) {
  for (unsigned bucket = 0; bucket < Statistics::buckets; ++bucket)
    EXPECT_EQ(Statistics::bucket_of(static_cast<std::uint64_t>(Statistics::middle_of(bucket))),
              bucket);
  for (std::uint64_t value = 1; value < 17'000'000'000; value += 1 + value / 37) {
    const auto middle = static_cast<double>(Statistics::middle_of(Statistics::bucket_of(value)));
    EXPECT_LE(std::abs(middle - static_cast<double>(value)), static_cast<double>(value) / 128);
  }
}

TEST(Statistics, EmptyIsAllZero) {
  const Statistics none;
  EXPECT_EQ(none.count(), 0U);
  EXPECT_EQ(none.min(), 0);
  EXPECT_EQ(none.max(), 0);
  EXPECT_EQ(none.mean(), 0.0);
  EXPECT_EQ(none.stddev(), 0.0);
  EXPECT_EQ(none.percentile(99), 0);
  EXPECT_TRUE(none.bins().empty());
}

TEST(Statistics, MomentsAndPercentiles) {
  std::vector<std::int64_t> values(100);
  std::iota(values.begin(), values.end(), 1);
  const Statistics statistics = statistics_of(values);
  EXPECT_EQ(statistics.min(), 1);
  EXPECT_EQ(statistics.max(), 100);
  EXPECT_DOUBLE_EQ(statistics.mean(), 50.5);
  EXPECT_NEAR(statistics.stddev(), 29.011491975882016, 1e-9);
  EXPECT_EQ(statistics.percentile(1), 1);
  EXPECT_EQ(statistics.percentile(50), 50);
  EXPECT_EQ(statistics.percentile(99.99), 100);
}

TEST(Statistics, OneValueAndNegativeOnes) {
  Statistics statistics;
  statistics.add(-7);
  EXPECT_EQ(statistics.min(), 0);
  EXPECT_EQ(statistics.stddev(), 0.0);
  Statistics huge;
  huge.add(std::numeric_limits<std::int64_t>::max());
  EXPECT_TRUE(std::isfinite(huge.mean()));
  EXPECT_EQ(huge.max(), std::numeric_limits<std::int64_t>::max());
}

TEST(Statistics, MergingIsTheSameAsAdding) {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> latency(12, 3);
  Statistics left;
  Statistics right;
  Statistics all;
  for (int i = 0; i < 5000; ++i) {
    const auto value = static_cast<std::int64_t>(std::min(latency(random), 1e10));
    (i % 3 == 0 ? left : right).add(value);
    all.add(value);
  }
  left.merge(right);
  left.merge(Statistics{});
  EXPECT_EQ(left.count(), all.count());
  EXPECT_EQ(left.min(), all.min());
  EXPECT_EQ(left.max(), all.max());
  EXPECT_NEAR(left.mean(), all.mean(), all.mean() * 1e-9);
  EXPECT_NEAR(left.stddev(), all.stddev(), all.stddev() * 1e-9);
  EXPECT_EQ(left.bins(), all.bins());
  Statistics fresh;
  fresh.merge(all);
  EXPECT_EQ(fresh.min(), all.min());
}

}  // namespace
}  // namespace daxbreak
