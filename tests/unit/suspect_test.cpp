// SPDX-License-Identifier: GPL-2.0
#include "oracle/suspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace daxbreak {
namespace {

Verdict failed(const std::vector<std::string>& kinds) {
  Verdict verdict{.outcome = Outcome::fail};
  for (const std::string& kind : kinds)
    verdict.findings.push_back({.kind = kind});
  return verdict;
}

Verdict passed() {
  return {.outcome = Outcome::pass};
}

std::vector<std::string> kinds(const Settled& settled) {
  std::vector<std::string> names;
  for (const Finding& finding : settled.verdict.findings)
    names.push_back(finding.kind);
  return names;
}

using testing::UnorderedElementsAre;

TEST(Suspect, WhatComesBackIsReportedTwice) {
  const Settled settled = settle(failed({"stuck"}), failed({"stuck"}), false);
  EXPECT_EQ(settled.verdict.outcome, Outcome::fail);
  EXPECT_EQ(settled.came_back, 2);
  EXPECT_TRUE(settled.of_second);
}

TEST(Suspect, ADeadlineThatDoesNotComeBackIsNoFinding) {
  for (const char* kind : {"stuck", "unkillable", "spin", "hang", "scheme-mismatch"}) {
    const Settled settled = settle(failed({kind}), passed(), false);
    EXPECT_EQ(settled.verdict.outcome, Outcome::inconclusive) << kind;
    EXPECT_THAT(settled.verdict.reason, testing::HasSubstr(kind));
    EXPECT_EQ(settled.came_back, 0);
  }
}

TEST(Suspect, WhatWasProvedOnceStays) {
  for (const char* kind : {"early-break", "leak", "stray-write", "lost-wakeup", "count-drift"}) {
    const Settled settled = settle(failed({kind}), passed(), false);
    EXPECT_EQ(settled.verdict.outcome, Outcome::fail) << kind;
    EXPECT_EQ(settled.came_back, 1);
    EXPECT_FALSE(settled.of_second);
  }
}

TEST(Suspect, ALeakOfTheFirstAttemptAloneIsNotForgotten) {
  const Settled settled = settle(failed({"early-break", "leak"}), failed({"early-break"}), false);
  EXPECT_THAT(kinds(settled), UnorderedElementsAre("early-break", "leak"));
}

TEST(Suspect, ADeadlineOfTheSecondAttemptAloneDoesNotRideAlong) {
  const Settled settled = settle(failed({"early-break"}), failed({"early-break", "spin"}), false);
  EXPECT_THAT(kinds(settled), UnorderedElementsAre("early-break"));
}

TEST(Suspect, AnotherFindingOfTheSecondAttemptCountsOnce) {
  const Settled settled = settle(failed({"spin"}), failed({"leak"}), false);
  EXPECT_THAT(kinds(settled), UnorderedElementsAre("leak"));
  EXPECT_EQ(settled.came_back, 1);
}

TEST(Suspect, ASharedMachinesLogHasToSayItTwice) {
  EXPECT_EQ(settle(failed({"kernel-warning"}), passed(), true).verdict.outcome,
            Outcome::inconclusive);
  EXPECT_EQ(settle(failed({"kernel-warning"}), passed(), false).verdict.outcome, Outcome::fail);
}

}  // namespace
}  // namespace daxbreak
