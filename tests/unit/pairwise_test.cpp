// SPDX-License-Identifier: GPL-2.0
#include "job/pairwise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <set>

namespace daxbreak {
namespace {

using Sizes = std::vector<std::size_t>;
using Row = std::vector<std::size_t>;
using Constraints = std::vector<PairConstraint>;
/// Axis, value, axis, value; the first axis is the lower one.
using Pairs = std::set<std::array<std::size_t, 4>>;

bool holds(const Constraints& constraints, const Row& row) {
  return std::all_of(constraints.begin(), constraints.end(), [&](const PairConstraint& one) {
    Row values;
    for (const std::size_t axis : one.axes)
      values.push_back(row[axis]);
    return one.allows(values);
  });
}

void add_pairs(const Row& row, Pairs& pairs) {
  for (std::size_t left = 0; left < row.size(); ++left)
    for (std::size_t right = left + 1; right < row.size(); ++right)
      pairs.insert({left, row[left], right, row[right]});
}

/// The pairs of all rows that the constraints allow, found by looking at every row there is.
Pairs possible_pairs(const Sizes& sizes, const Constraints& constraints) {
  Pairs pairs;
  Row row(sizes.size());
  for (bool more = true; more;) {
    if (holds(constraints, row)) add_pairs(row, pairs);
    more = false;
    for (std::size_t axis = 0; axis < sizes.size() && !more; ++axis) {
      more = ++row[axis] < sizes[axis];
      if (!more) row[axis] = 0;
    }
  }
  return pairs;
}

/// Forbids some combinations, at random, of two or three axes.
Constraints random_constraints(const Sizes& sizes, std::mt19937_64& random) {
  Constraints constraints;
  for (int i = 0; i < 3; ++i) {
    std::vector<std::size_t> axes;
    while (axes.size() < 2 + random() % 2) {
      const std::size_t axis = random() % sizes.size();
      if (std::find(axes.begin(), axes.end(), axis) == axes.end()) axes.push_back(axis);
    }
    const std::uint64_t salt = random();
    constraints.push_back({.axes = axes, .allows = [salt](std::span<const std::size_t> values) {
                             std::uint64_t mixed = salt;
                             for (const std::size_t value : values)
                               mixed = (mixed ^ value) * 0x9E3779B97F4A7C15U;
                             return (mixed >> 32U) % 3 != 0;
                           }});
  }
  return constraints;
}

TEST(Pairwise, CoversEveryPossiblePairAndBreaksNoConstraint) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 60; ++round) {
    Sizes sizes(2 + random() % 4);
    for (std::size_t& size : sizes)
      size = 1 + random() % 5;
    const Constraints constraints =
        sizes.size() > 2 ? random_constraints(sizes, random) : Constraints{};
    const PairCover cover = cover_pairs(sizes, constraints, random());
    Pairs covered;
    for (const Row& row : cover.rows) {
      ASSERT_EQ(row.size(), sizes.size());
      EXPECT_TRUE(holds(constraints, row));
      add_pairs(row, covered);
    }
    const Pairs possible = possible_pairs(sizes, constraints);
    EXPECT_EQ(covered, possible) << "round " << round;
    EXPECT_EQ(cover.pairs, possible.size());
    std::size_t all = 0;
    for (std::size_t left = 0; left < sizes.size(); ++left)
      for (std::size_t right = left + 1; right < sizes.size(); ++right)
        all += sizes[left] * sizes[right];
    EXPECT_EQ(cover.pairs + cover.impossible, all);
  }
}

TEST(Pairwise, SameSeedSameRowsOtherSeedOtherRows) {
  const Sizes sizes{6, 5, 4, 3, 2};
  EXPECT_EQ(cover_pairs(sizes, {}, 1).rows, cover_pairs(sizes, {}, 1).rows);
  EXPECT_NE(cover_pairs(sizes, {}, 1).rows, cover_pairs(sizes, {}, 2).rows);
  // Nothing fewer covers three times two values.
  EXPECT_EQ(cover_pairs(Sizes{3, 2, 2}, {}, 1).rows.size(), 6U);
}

TEST(Pairwise, NeedsFewRows) {
  // A hundred pairs of the two largest axes are the least that any cover needs.
  EXPECT_LE(cover_pairs(Sizes{10, 10, 4, 4, 4}, {}, 1).rows.size(), 115U);
}

TEST(Pairwise, EdgesAreNoTrouble) {
  EXPECT_TRUE(cover_pairs({}, {}, 1).rows.empty());
  EXPECT_TRUE(cover_pairs(Sizes{3, 0}, {}, 1).rows.empty());
  EXPECT_EQ(cover_pairs(Sizes{3}, {}, 1).rows.size(), 3U);
  EXPECT_EQ(cover_pairs(Sizes{1, 1}, {}, 1).rows, (std::vector<Row>{{0, 0}}));
  const Constraints nothing{
      {.axes = {0}, .allows = [](std::span<const std::size_t>) { return false; }}};
  const PairCover none = cover_pairs(Sizes{2, 2}, nothing, 1);
  EXPECT_TRUE(none.rows.empty());
  EXPECT_EQ(none.impossible, 4U);
}

TEST(Pairwise, IsQuickAtTheSizeOfTheWholeProgram) {
  // Filesystems, page sizes, memory, pins, gates, breakers, ranges, disturbers.
  const Sizes sizes{2, 2, 7, 40, 3, 32, 5, 22};
  const Constraints constraints{
      {.axes = {3, 4}, .allows = [](auto v) { return v[0] < 15 || v[1] == 0; }},
      {.axes = {5, 6}, .allows = [](auto v) { return v[0] < 18 || v[1] == 0; }},
      {.axes = {5, 7}, .allows = [](auto v) { return v[0] < 27 || v[1] == 3; }},
      {.axes = {3, 7}, .allows = [](auto v) { return v[0] != 20 || v[1] == 0; }}};
  const auto begun = std::chrono::steady_clock::now();
  const PairCover cover = cover_pairs(sizes, constraints, 1);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30))
      << "a few seconds, but for a machine under load";
  EXPECT_GE(cover.rows.size(), 1250U);
  EXPECT_LE(cover.rows.size(), 1500U);
}

}  // namespace
}  // namespace daxbreak
