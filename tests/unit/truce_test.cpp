// SPDX-License-Identifier: GPL-2.0
#include "workloads/storm/truce.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace daxbreak {
namespace {

TEST(Truce, NobodyTakesWhileABreakIsOnItsWay) {
  Truce truce;
  ASSERT_TRUE(truce.begin_take());
  truce.end_take();
  truce.begin_break();
  EXPECT_FALSE(truce.begin_take());
  truce.end_break();
  EXPECT_TRUE(truce.begin_take());
}

TEST(Truce, ABreakWaitsForThoseWhoTake) {
  Truce truce;
  ASSERT_TRUE(truce.begin_take());
  std::atomic<bool> begun{false};
  std::jthread breaker([&] {
    truce.begin_break();
    begun = true;
    truce.end_break();
  });
  // Once the breaker has announced itself nobody else may begin; it has not begun itself.
  while (truce.begin_take())
    truce.end_take();
  EXPECT_FALSE(begun);
  truce.end_take();
  breaker.join();
  EXPECT_TRUE(begun);
}

TEST(Truce, NobodyIsInsideTogetherWithABreak) {
  constexpr int rounds = 2000;
  Truce truce;
  std::atomic<int> breaking{0};
  std::atomic<int> together{0};
  std::atomic<bool> over{false};
  {
    std::jthread taker([&] {
      while (!over) {
        if (!truce.begin_take()) {
          truce.wait();
          continue;
        }
        if (breaking > 0) ++together;
        truce.end_take();
      }
    });
    for (int round = 0; round < rounds; ++round) {
      truce.begin_break();
      ++breaking;
      std::this_thread::yield();
      --breaking;
      truce.end_break();
    }
    over = true;
  }
  EXPECT_EQ(together, 0);
}

}  // namespace
}  // namespace daxbreak
