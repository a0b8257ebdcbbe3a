// SPDX-License-Identifier: GPL-2.0
#include "base/command.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <stop_token>
#include <thread>

namespace daxbreak {
namespace {

using namespace std::chrono_literals;

TEST(RunCommand, ReturnsBothStreamsAndTheStatus) {
  auto output = run_command({"sh", "-c", "echo out; echo err >&2; exit 3"}, 10s);
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->exit_status, 3);
  EXPECT_EQ(output->text, "out\nerr\n");
}

TEST(RunCommand, ReadsMoreThanAPipeHolds) {
  auto output = run_command({"sh", "-c", "head -c 300000 /dev/zero"}, 20s);
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->text.size(), 300000U);
}

TEST(RunCommand, StandardInputIsEmpty) {
  auto output = run_command({"cat"}, 10s);
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->exit_status, 0);
}

TEST(RunCommand, ASignalIsAStatus) {
  auto output = run_command({"sh", "-c", "kill -TERM $$"}, 10s);
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->exit_status, 128 + 15);
}

TEST(RunCommand, KillsTheWholeGroupAtTheDeadline) {
  const Deadline soon(5s);
  auto output = run_command({"sh", "-c", "sleep 60 & sleep 60"}, 200ms);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().number, ETIMEDOUT);
  EXPECT_EQ(output.error().doing, "sh did not end within 200 ms");
  EXPECT_FALSE(soon.passed());
}

TEST(RunCommand, AStopKillsTheWholeGroupAtOnce) {
  const Deadline soon(5s);
  std::stop_source source;
  std::jthread asker([&source] {
    sleep_for(100ms);
    source.request_stop();
  });
  auto output = run_command({"sh", "-c", "sleep 60 & sleep 60"}, 30s, source.get_token());
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().number, ECANCELED);
  EXPECT_EQ(output.error().doing, "sh was stopped");
  EXPECT_FALSE(soon.passed());
}

TEST(RunCommand, WhatIsStoppedAlreadyIsNotStarted) {
  std::stop_source source;
  source.request_stop();
  auto output = require_command({"echo", "said"}, 10s, source.get_token());
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().number, ECANCELED);
}

TEST(RunCommand, AStopThatDoesNotComeChangesNothing) {
  const std::stop_source source;
  EXPECT_EQ(*require_command({"echo", "said"}, 10s, source.get_token()), "said\n");
}

TEST(RunCommand, DoesNotWaitForADaemonThatKeepsThePipe) {
  const Deadline soon(5s);
  auto output = run_command({"sh", "-c", "(sleep 20 &) ; echo started"}, 15s);
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->text, "started\n");
  EXPECT_FALSE(soon.passed());
}

TEST(RunCommand, NamesWhatIsNotInstalled) {
  auto output = run_command({"no-such-program-here"}, 1s);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().message(), "no-such-program-here is not installed");
  EXPECT_FALSE(run_command({}, 1s));
}

TEST(RequireCommand, FailsWithTheLastLine) {
  EXPECT_EQ(*require_command({"echo", "fine"}, 10s), "fine\n");
  auto text = require_command({"sh", "-c", "echo first; echo the reason; exit 1"}, 10s);
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message().find("status 1: the reason"), std::string::npos)
      << text.error().message();
}

TEST(FindProgram, LooksOnThePath) {
  EXPECT_NE(find_program("sh"), "");
  EXPECT_EQ(find_program("no-such-program-here"), "");
  EXPECT_EQ(find_program("/bin/sh"), "/bin/sh");
  EXPECT_EQ(find_program(""), "");
}

}  // namespace
}  // namespace daxbreak
