// SPDX-License-Identifier: GPL-2.0
// Every oracle is seen to pass on the good trial and to fail on one that breaks its invariant; and
// what is merely slow, unseen or unfinished is neither pass nor fail.
#include "oracle/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "hand_made.h"

namespace daxbreak {
namespace {

using namespace hand_made;
using testing::HasSubstr;

std::vector<std::string> kinds(const Verdict& verdict) {
  std::vector<std::string> names;
  for (const Finding& finding : verdict.findings)
    names.push_back(finding.kind);
  return names;
}

void expect_only(const Verdict& verdict, const std::string& kind) {
  EXPECT_EQ(verdict.outcome, Outcome::fail);
  EXPECT_THAT(kinds(verdict), testing::ElementsAre(kind));
  ASSERT_FALSE(verdict.findings.empty());
  EXPECT_FALSE(verdict.findings.front().sentence.empty());
  EXPECT_FALSE(verdict.findings.front().evidence.empty());
}

void expect_inconclusive(const Verdict& verdict, const std::string& why) {
  EXPECT_EQ(verdict.outcome, Outcome::inconclusive) << testing::PrintToString(kinds(verdict));
  EXPECT_THAT(verdict.reason, HasSubstr(why));
}

TEST(Judge, GoodTrialPasses) {
  const Verdict verdict = judge(good(), one_based());
  EXPECT_EQ(verdict.outcome, Outcome::pass) << verdict.reason;
  EXPECT_EQ(verdict.measures.break_ns, ms(100));
  EXPECT_EQ(verdict.measures.blocked_ns, ms(87));
  EXPECT_EQ(verdict.measures.wake_ns, ms(10));
  EXPECT_EQ(verdict.measures.put_to_wake_ns, ms(1));
  EXPECT_EQ(verdict.measures.scans, 2);
}

TEST(Judge, SkippedTrialSaysWhy) {
  Timeline timeline;
  timeline.skip = "no xfs here";
  const Verdict verdict = judge(timeline, one_based());
  EXPECT_EQ(verdict.outcome, Outcome::skip);
  EXPECT_EQ(verdict.reason, "no xfs here");
}

// --- exclusion

TEST(Exclusion, ReturnBeforeReleaseIsEarlyBreak) {
  Timeline timeline = good();
  event(timeline, EventKind::break_end).t_ns = ms(50);
  expect_only(judge(timeline, one_based()), "early-break");
}

TEST(Exclusion, FailedBreakerIsNotEarly) {
  Timeline timeline = good();
  event(timeline, EventKind::break_end).t_ns = ms(50);
  event(timeline, EventKind::break_end).value = EIO;
  expect_inconclusive(judge(timeline, one_based()), "");
}

TEST(Exclusion, BreakerThatFreesNothingMayReturn) {
  Timeline timeline = good();
  timeline.frees_page = false;
  event(timeline, EventKind::break_end).t_ns = ms(50);
  EXPECT_TRUE(judge(timeline, one_based()).findings.empty());
}

// --- liveness

TEST(Liveness, SuccessAfterPokeWithoutWakeIsLostWakeup) {
  expect_only(judge(overdue(0, 1, 0), one_based()), "lost-wakeup");
}

TEST(Liveness, SlowWaiterThatWasWokenIsNotAFinding) {
  Timeline timeline = overdue(0, 1, 0);
  insert(timeline, {.t_ns = ms(102), .kind = EventKind::wake, .page = 1, .count = 1});
  expect_inconclusive(judge(timeline, one_based()), "slow machine");
}

TEST(Liveness, WakeAtABusyCountDoesNotExcuse) {
  Timeline timeline = overdue(0, 1, 0);
  insert(timeline, {.t_ns = ms(102), .kind = EventKind::wake, .page = 1, .count = 2});
  expect_only(judge(timeline, one_based()), "lost-wakeup");
}

TEST(Liveness, WithoutObserverNothingIsLost) {
  Timeline timeline = overdue(0, 1, 0);
  timeline.observer_gap = "no BPF";
  expect_inconclusive(judge(timeline, one_based()), "no BPF");
}

TEST(Liveness, LostEventsProveNothing) {
  Timeline timeline = overdue(0, 1, 0);
  timeline.events_lost = 3;
  expect_inconclusive(judge(timeline, one_based()), "lost 3 events");
}

TEST(Liveness, InterruptedAfterPokeIsStuckAndNamesTheMapping) {
  Timeline timeline = overdue(EINTR, 1, 1);
  for (Event& one : timeline.events) {  // the counts as a zero-based kernel has them
    if (one.text == "mapped") one.count = 1;
    if (one.text == "settled" || one.text == "removed") one.count = 0;
  }
  const Verdict verdict = judge(timeline, zero_based());
  expect_only(verdict, "stuck");
  EXPECT_THAT(verdict.findings.front().sentence, HasSubstr("1 mapping(s) of the page"));
}

TEST(Liveness, StuckByAnotherReferenceNamesIt) {
  const Verdict verdict = judge(overdue(EINTR, 2, 0), one_based());
  expect_only(verdict, "stuck");
  EXPECT_THAT(verdict.findings.front().sentence, HasSubstr("1 reference(s) that are not mappings"));
}

TEST(Liveness, BreakerThatOnlySigkillEndsIsStuck) {
  Timeline timeline = overdue(0, 2, 0);
  remove(timeline, EventKind::break_end);
  insert(timeline, {.t_ns = ms(1100), .kind = EventKind::gave_up, .text = "after poke"});
  insert(timeline, {.t_ns = ms(1101), .kind = EventKind::kill});
  insert(timeline, {.t_ns = ms(1102), .kind = EventKind::break_died, .value = 9});
  expect_only(judge(timeline, one_based()), "stuck");
}

// --- isolation

TEST(Isolation, ForeignBytesInThePinAreALeak) {
  Timeline timeline = good();
  insert(timeline, {.t_ns = ms(60), .kind = EventKind::reused, .value = 4096});
  insert(timeline, {.t_ns = ms(111), .kind = EventKind::content, .value = 4096, .text = "pin"});
  expect_only(judge(timeline, one_based()), "leak");
}

TEST(Isolation, ForeignBytesInTheBlockAreAStrayWrite) {
  Timeline timeline = good();
  insert(timeline, {.t_ns = ms(60), .kind = EventKind::reused, .value = 4096});
  insert(timeline, {.t_ns = ms(111), .kind = EventKind::content, .value = 4096, .text = "block"});
  expect_only(judge(timeline, one_based()), "stray-write");
}

TEST(Isolation, ReuseWithoutForeignBytesIsFine) {
  Timeline timeline = good();
  insert(timeline, {.t_ns = ms(60), .kind = EventKind::reused, .value = 4096});
  insert(timeline, {.t_ns = ms(111), .kind = EventKind::content, .value = 0, .text = "pin"});
  EXPECT_TRUE(judge(timeline, one_based()).findings.empty());
}

// --- conservation

TEST(Conservation, PageAboveIdleAfterTheTrialIsDrift) {
  Timeline timeline = good();
  insert(timeline,
         {.t_ns = ms(120), .kind = EventKind::counts, .value = 1, .count = 2, .text = "settled"});
  expect_only(judge(timeline, one_based()), "count-drift");
}

TEST(Conservation, PageBelowIdleAfterRemovalIsDrift) {
  Timeline timeline = good();
  insert(timeline,
         {.t_ns = ms(131), .kind = EventKind::counts, .value = 1, .count = 0, .text = "removed"});
  expect_only(judge(timeline, one_based()), "count-drift");
}

TEST(Counting, PinThatCountsOtherwiseThanTheSchemeIsAMismatch) {
  Timeline timeline = good();
  for (Event& one : timeline.events)
    if (one.text == "pinned") one.count = 3;
  expect_only(judge(timeline, one_based()), "scheme-mismatch");
}

TEST(Counting, FollPinCountsByItsBias) {
  Timeline timeline = good();
  timeline.foll_pin = true;
  for (Event& one : timeline.events)
    if (one.text == "pinned") one.count = 1025;
  EXPECT_TRUE(judge(timeline, one_based()).findings.empty());
}

TEST(Counting, FollPinCountsByItsBiasOnAHugePageThatIsNoFolio) {
  Timeline timeline = good();
  timeline.foll_pin = true;
  timeline.pmd_mapped = true;  // 6.12: a PMD maps 512 separate pages
  for (Event& one : timeline.events)
    if (one.text == "pinned") one.count = 1025;
  EXPECT_TRUE(judge(timeline, one_based()).findings.empty());
  timeline.compound = true;  // 6.15 and later: a folio, which counts its pins elsewhere
  expect_only(judge(timeline, one_based()), "scheme-mismatch");
}

// --- killable

TEST(Killable, SurvivorOfSigkillIsUnkillable) {
  Timeline timeline = good();
  timeline.ends_breaker = true;
  remove(timeline, EventKind::break_end);
  insert(timeline, {.t_ns = ms(50), .kind = EventKind::kill});
  insert(timeline, {.t_ns = ms(99), .kind = EventKind::gave_up, .text = "after kill"});
  expect_only(judge(timeline, one_based()), "unkillable");
}

TEST(Killable, DeathWhileThePinHoldsPasses) {
  Timeline timeline = good();
  timeline.ends_breaker = true;
  remove(timeline, EventKind::break_end);
  insert(timeline, {.t_ns = ms(50), .kind = EventKind::kill});
  insert(timeline, {.t_ns = ms(51), .kind = EventKind::break_died, .value = 9});
  const Verdict verdict = judge(timeline, one_based());
  EXPECT_EQ(verdict.outcome, Outcome::pass) << verdict.reason;
}

TEST(Killable, BurningCpuIsASpin) {
  Timeline timeline = good();
  event(timeline, EventKind::cpu).value = ms(95);
  remove(timeline, EventKind::sleep);
  expect_only(judge(timeline, one_based()), "spin");
}

TEST(Killable, ABreakerSeenAsleepDoesNotSpinWhateverItIsCharged) {
  Timeline timeline = good();
  event(timeline, EventKind::cpu).value = ms(95);
  EXPECT_EQ(judge(timeline, one_based()).outcome, Outcome::pass);
}

TEST(Killable, WorkAfterTheWaitIsNoSpin) {
  Timeline timeline = good();
  event(timeline, EventKind::break_end).t_ns = ms(400);
  Event& cpu = event(timeline, EventKind::cpu);
  cpu.t_ns = ms(400);
  cpu.value = ms(300);
  for (const Finding& finding : judge(timeline, one_based()).findings)
    EXPECT_NE(finding.kind, "spin") << finding.sentence;
}

TEST(Killable, ABreakerThatDidNotWaitDoesNotSpin) {
  Timeline timeline = good();
  event(timeline, EventKind::break_end).t_ns = ms(95);
  event(timeline, EventKind::cpu) = {
      .t_ns = ms(95), .kind = EventKind::cpu, .value = ms(80), .text = "in call"};
  expect_only(judge(timeline, one_based()), "early-break");
}

TEST(Exercised, WaitingForAnotherVariableIsNoWaitForThePage) {
  Timeline timeline = good();
  event(timeline, EventKind::wait).page = 0;
  EXPECT_EQ(judge(timeline, one_based()).outcome, Outcome::inconclusive);
}

TEST(Counting, AnEntryMayHoldAReference) {
  Scheme scheme = zero_based();
  scheme.per_mapping = 0;
  scheme.per_entry = 1;
  for (const Finding& finding : judge(good(), scheme).findings)
    EXPECT_NE(finding.kind, "scheme-mismatch") << finding.sentence;
}

// --- refusal

Timeline refused(int error) {
  Timeline timeline = good();
  timeline.must_be_refused = true;
  for (const EventKind kind :
       {EventKind::pin_held, EventKind::scan, EventKind::wait, EventKind::sleep, EventKind::run,
        EventKind::put, EventKind::wake, EventKind::release_begin, EventKind::release_end})
    remove(timeline, kind);
  std::erase_if(timeline.events, [](const Event& one) { return one.text == "pinned"; });
  insert(timeline, {.t_ns = ms(3), .kind = EventKind::pin_refused, .value = error});
  return timeline;
}

TEST(Refusal, RefusedLongtermPinPasses) {
  const Verdict verdict = judge(refused(EOPNOTSUPP), one_based());
  EXPECT_EQ(verdict.outcome, Outcome::pass) << verdict.reason;
}

TEST(Refusal, GrantedLongtermPinIsAFinding) {
  Timeline timeline = good();
  timeline.must_be_refused = true;
  expect_only(judge(timeline, one_based()), "longterm-pin");
}

Timeline refused_although_mapped(std::int64_t control) {
  Timeline timeline = refused(ENOMEM);
  timeline.must_be_refused = false;
  insert(timeline, {.t_ns = ms(4),
                    .kind = EventKind::noted,
                    .value = control,
                    .text = std::string(noted::anonymous_pinned)});
  return timeline;
}

TEST(Refusal, APinThatOnlyDaxMemoryRefusesIsAFinding) {
  expect_only(judge(refused_although_mapped(1), one_based()), "pin-refused");
}

TEST(Refusal, APinThatAllMemoryRefusesProvesNothing) {
  expect_inconclusive(judge(refused_although_mapped(0), one_based()), "the pin was refused");
}

TEST(Refusal, AnotherErrorProvesNothing) {
  expect_inconclusive(judge(refused(ENOMEM), one_based()), "instead of EOPNOTSUPP");
}

// --- quiet kernel

TEST(Quiet, WarningIsAFinding) {
  Timeline timeline = good();
  insert(timeline, {.t_ns = ms(140),
                    .kind = EventKind::kernel_log,
                    .text = "WARNING: CPU: 1 PID: 77 at fs/dax.c:398 dax_disassociate_entry"});
  expect_only(judge(timeline, one_based()), "kernel-warning");
}

TEST(Quiet, TheTrapOfABugIsNoFindingOfItsOwn) {
  Timeline timeline = good();
  for (const char* const text :
       {"kernel BUG at fs/inode.c:674!", "Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI"})
    insert(timeline, {.t_ns = ms(140), .kind = EventKind::kernel_log, .value = 1, .text = text});
  EXPECT_EQ(judge(timeline, one_based()).findings.size(), 1U);
}

TEST(Quiet, ATrapWithoutABugIsAFinding) {
  Timeline timeline = good();
  insert(timeline, {.t_ns = ms(140),
                    .kind = EventKind::kernel_log,
                    .value = 1,
                    .text = "invalid opcode: 0000 [#1] SMP"});
  expect_only(judge(timeline, one_based()), "kernel-oops");
}

TEST(Quiet, OopsIsAFinding) {
  Timeline timeline = good();
  insert(timeline, {.t_ns = ms(140),
                    .kind = EventKind::kernel_log,
                    .value = 1,
                    .text = "BUG: unable to handle page fault"});
  expect_only(judge(timeline, one_based()), "kernel-oops");
}

// --- nothing proved

struct Unseen {
  EventKind kind;
  const char* why;
};

class NotExercised : public testing::TestWithParam<Unseen> {};

TEST_P(NotExercised, WithoutTheEventNothingIsProved) {
  Timeline timeline = good();
  remove(timeline, GetParam().kind);
  expect_inconclusive(judge(timeline, one_based()), GetParam().why);
}

INSTANTIATE_TEST_SUITE_P(Path, NotExercised,
                         testing::Values(Unseen{EventKind::scan, "no scan"},
                                         Unseen{EventKind::wait, "nobody wait"},
                                         Unseen{EventKind::sleep, "never seen asleep"},
                                         Unseen{EventKind::wake, "no wake at the idle count"},
                                         Unseen{EventKind::break_end, "did not return"},
                                         Unseen{EventKind::pin_held, "nothing was pinned"}),
                         [](const auto& unseen) {
                           return std::string(name_of(unseen.param.kind));
                         });

TEST(NotExercisedAtAll, TroubleOfTheHarnessIsNoVerdictOnTheKernel) {
  Timeline timeline;
  timeline.trouble = "no space";
  expect_inconclusive(judge(timeline, one_based()), "no space");
}

TEST(FindingKinds, EveryFindingOfAnOracleIsListed) {
  std::set<std::string_view> listed;
  for (const FindingKind& kind : finding_kinds())
    listed.insert(kind.name);
  for (const char* name :
       {"early-break", "lost-wakeup", "stuck", "leak", "stray-write", "count-drift",
        "scheme-mismatch", "unkillable", "spin", "longterm-pin", "pin-refused", "kernel-warning",
        "kernel-oops", "panic", "silence", "wedge", "hang"})
    EXPECT_TRUE(listed.contains(name)) << name;
}

}  // namespace
}  // namespace daxbreak
