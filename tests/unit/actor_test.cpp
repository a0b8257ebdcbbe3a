// SPDX-License-Identifier: GPL-2.0
// The actor's process against work made for the test: one that returns, one that waits for a
// signal, one that nothing but SIGKILL ends.
#include "trial/actor.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace daxbreak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ActorWork kind(std::function<int(BreakTarget&)> run) {
  return {.arm = {}, .run = std::move(run)};
}

TEST(Actor, ReportsTheCallsEndAndTimes) {
  auto process = Actor::fork(kind([](BreakTarget&) { return ENOSPC; }), {});
  ASSERT_TRUE(process);
  EXPECT_FALSE(process->wait(milliseconds(20)));  // it waits to be started
  ASSERT_TRUE(process->go());
  ASSERT_TRUE(process->wait(seconds(5)));
  const ActorReport report = process->report();
  EXPECT_EQ(report.error, ENOSPC);
  EXPECT_EQ(report.signal, 0);
  EXPECT_GT(report.begin_ns, 0);
  EXPECT_GE(report.end_ns, report.begin_ns);
}

TEST(Actor, PokeInterruptsAWait) {
  auto process = Actor::fork(kind([](BreakTarget&) {
                               ::pause();
                               return errno;
                             }),
                             {});
  ASSERT_TRUE(process);
  ASSERT_TRUE(process->go());
  EXPECT_FALSE(process->wait(milliseconds(50)));
  process->poke();
  ASSERT_TRUE(process->wait(seconds(5)));
  EXPECT_EQ(process->report().error, EINTR);
}

TEST(Actor, KilledOneNeverReturned) {
  auto process = Actor::fork(kind([](BreakTarget&) {
                               for (;;)
                                 ::pause();
                               return 0;
                             }),
                             {});
  ASSERT_TRUE(process);
  ASSERT_TRUE(process->go());
  process->poke();
  EXPECT_FALSE(process->wait(milliseconds(50)));
  process->kill();
  ASSERT_TRUE(process->wait(seconds(5)));
  EXPECT_EQ(process->report().signal, SIGKILL);
  EXPECT_EQ(process->report().end_ns, 0);
}

TEST(Actor, OneThatBurnsCpuIsSeenToDoSo) {
  auto process = Actor::fork(kind([](BreakTarget&) {
                               const std::int64_t until = now_ns() + 50'000'000;
                               while (now_ns() < until) {
                               }
                               return 0;
                             }),
                             {});
  ASSERT_TRUE(process);
  ASSERT_TRUE(process->go());
  ASSERT_TRUE(process->wait(seconds(5)));
  EXPECT_GT(process->report().cpu_ns, 5'000'000);
}

}  // namespace
}  // namespace daxbreak
