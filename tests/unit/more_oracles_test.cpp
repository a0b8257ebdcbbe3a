// SPDX-License-Identifier: GPL-2.0
// Durability, bystanders and the interface: each seen to fail; and what a breaker may do that need
// not wait.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "hand_made.h"
#include "oracle/judge.h"
#include "oracle/oracles.h"

namespace daxbreak {
namespace {

using namespace hand_made;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// The good trial with a witness page that was flushed before the break and after it.
Timeline witnessed() {
  Timeline timeline = good();
  const auto put = [&](std::int64_t t_ns, EventKind kind, std::int64_t value, const char* text) {
    insert(timeline, {.t_ns = t_ns, .kind = kind, .value = value, .text = text});
  };
  put(-ms(9), EventKind::dirtied, 3, "control");
  insert(timeline, {.t_ns = -ms(8), .kind = EventKind::writeback, .page = 3, .value = 1});
  put(-ms(7), EventKind::flushed, 0, "control");
  put(ms(5), EventKind::dirtied, 3, "witness");
  insert(timeline, {.t_ns = ms(112), .kind = EventKind::writeback, .page = 0, .value = 512});
  put(ms(113), EventKind::flushed, 0, "witness");
  return timeline;
}

/// Takes away the flush that a witness needs.
void lose_flush(Timeline& timeline, std::int64_t from_ns) {
  std::erase_if(timeline.events, [&](const Event& event) {
    return event.kind == EventKind::writeback && event.t_ns >= from_ns;
  });
}

TEST(Wakes, OneByAnotherKeyReachesNobody) {
  Timeline timeline = overdue(0, 1, 0);
  EXPECT_THAT(oracle::liveness(timeline, one_based()), SizeIs(1));
  const std::uint64_t page = event(timeline, EventKind::wait).page;
  Timeline woken = timeline;
  insert(woken, {.t_ns = ms(102), .kind = EventKind::wake, .page = page, .count = 1});
  EXPECT_THAT(oracle::liveness(woken, one_based()), IsEmpty());
  // The waiter waits for the count's address, and the page itself was woken.
  event(woken, EventKind::wait).value = 52;
  const auto findings = oracle::liveness(woken, one_based());
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings.front().kind, "lost-wakeup");
}

TEST(Durability, FlushedWitnessPasses) {
  EXPECT_EQ(judge(witnessed(), one_based()).outcome, Outcome::pass);
}

TEST(Durability, WitnessThatIsNeverFlushedIsAFinding) {
  Timeline timeline = witnessed();
  lose_flush(timeline, 0);
  const Verdict verdict = judge(timeline, one_based());
  ASSERT_THAT(verdict.findings, SizeIs(1));
  EXPECT_EQ(verdict.findings.front().kind, "not-flushed");
  EXPECT_THAT(verdict.findings.front().sentence, HasSubstr("page 3"));
}

TEST(Durability, FlushOfAnotherPageDoesNotCount) {
  Timeline timeline = witnessed();
  lose_flush(timeline, 0);
  insert(timeline, {.t_ns = ms(112), .kind = EventKind::writeback, .page = 4, .value = 8});
  EXPECT_THAT(oracle::durability(timeline), SizeIs(1));
}

TEST(Durability, WithoutAControlNothingIsProved) {
  Timeline timeline = witnessed();
  lose_flush(timeline, -ms(100));
  EXPECT_THAT(oracle::durability(timeline), IsEmpty());
}

TEST(Durability, AFailedFsyncPromisesNothing) {
  Timeline timeline = witnessed();
  lose_flush(timeline, 0);
  for (Event& event : timeline.events)
    if (event.kind == EventKind::flushed && event.text == "witness") event.value = EIO;
  EXPECT_THAT(oracle::durability(timeline), IsEmpty());
}

TEST(Durability, LostEventsProveNothing) {
  Timeline timeline = witnessed();
  lose_flush(timeline, 0);
  timeline.events_lost = 1;
  EXPECT_THAT(oracle::durability(timeline), IsEmpty());
}

/// The good trial with a bystander that ended at that time; 0: never.
Timeline with_bystander(std::int64_t end_ns, bool must_not_wait) {
  Timeline timeline = good();
  timeline.bystander_must_not_wait = must_not_wait;
  insert(timeline, {.t_ns = ms(20), .kind = EventKind::bystander_begin});
  if (end_ns != 0) insert(timeline, {.t_ns = end_ns, .kind = EventKind::bystander_end});
  return timeline;
}

TEST(Bystanders, OneThatMayWaitEndsAfterTheBreaker) {
  EXPECT_EQ(judge(with_bystander(ms(112), false), one_based()).outcome, Outcome::pass);
  // A trial that hung before anybody came to wait for the bystander has nothing to say of it.
  Timeline cut_short = with_bystander(0, false);
  cut_short.trouble = "the trial hung on the way";
  EXPECT_THAT(oracle::bystanders(cut_short), IsEmpty());
}

TEST(Bystanders, OneThatNeedNotWaitAndDoesIsBlocked) {
  EXPECT_THAT(oracle::bystanders(with_bystander(ms(30), true)), IsEmpty());
  const auto findings = oracle::bystanders(with_bystander(ms(104), true));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings.front().kind, "bystander-blocked");
}

TEST(Bystanders, OneThatNeverEndsIsStuck) {
  const auto findings = oracle::bystanders(with_bystander(0, false));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings.front().kind, "bystander-stuck");
}

TEST(Bystanders, BehindABreakerThatIsStuckItselfIsNoFindingOfItsOwn) {
  Timeline timeline = overdue(EINTR, 2, 0);
  insert(timeline, {.t_ns = ms(20), .kind = EventKind::bystander_begin});
  EXPECT_THAT(oracle::bystanders(timeline), IsEmpty());
}

TEST(Interface, TheKernelsOwnErrnoIsAFinding) {
  Timeline timeline = overdue(512, 2, 0);
  std::vector<std::string> kinds;
  for (const Finding& finding : judge(timeline, one_based()).findings)
    kinds.push_back(finding.kind);
  EXPECT_THAT(kinds, testing::Contains("internal-errno"));
  EXPECT_THAT(kinds, testing::Contains("stuck"));
}

TEST(Interface, OrdinaryErrnosAreNot) {
  EXPECT_THAT(oracle::interface(overdue(EINTR, 2, 0)), IsEmpty());
  EXPECT_EQ(oracle::errno_word(EINTR), "EINTR");
}

/// A breaker that need not wait for the pin, and did not.
Timeline quick() {
  Timeline timeline = good();
  timeline.frees_page = false;
  for (const EventKind kind : {EventKind::scan, EventKind::wait, EventKind::sleep, EventKind::run,
                               EventKind::wake, EventKind::put})
    remove(timeline, kind);
  event(timeline, EventKind::break_end).t_ns = ms(20);
  return timeline;
}

TEST(NeedNotWait, ReturningAtOnceIsAPass) {
  EXPECT_EQ(judge(quick(), one_based()).outcome, Outcome::pass);
}

TEST(NeedNotWait, WhoWaitsMustBeWokenAllTheSame) {
  Timeline timeline = good();
  timeline.frees_page = false;
  remove(timeline, EventKind::wake);
  EXPECT_EQ(judge(timeline, one_based()).outcome, Outcome::inconclusive);
}

TEST(NeedNotWait, ABlockThatWasSeenToLeaveTheFileIsAnEarlyBreak) {
  Timeline timeline = quick();
  insert(timeline, {.t_ns = ms(30), .kind = EventKind::taken, .value = 1});
  const Verdict verdict = judge(timeline, one_based());
  ASSERT_THAT(verdict.findings, SizeIs(1));
  EXPECT_EQ(verdict.findings.front().kind, "early-break");
}

TEST(NeedNotWait, ABlockThatStayedIsNone) {
  Timeline timeline = quick();
  timeline.frees_page = true;  // it could have taken it
  insert(timeline, {.t_ns = ms(30), .kind = EventKind::taken, .value = 0});
  EXPECT_THAT(judge(timeline, one_based()).findings, IsEmpty());
}

TEST(NeedNotWait, ARefusalIsASkipWhereTheBreakerMayBeRefused) {
  Timeline timeline = quick();
  event(timeline, EventKind::break_end).value = EOPNOTSUPP;
  EXPECT_EQ(judge(timeline, one_based()).outcome, Outcome::inconclusive);
  timeline.refusable = true;
  const Verdict verdict = judge(timeline, one_based());
  EXPECT_EQ(verdict.outcome, Outcome::skip);
  EXPECT_THAT(verdict.reason, HasSubstr("EOPNOTSUPP"));
}

TEST(Interrupted, ASignalThatEndsTheWaitEarlyIsAPass) {
  Timeline timeline = good();
  timeline.interrupts = true;
  remove(timeline, EventKind::wake);
  event(timeline, EventKind::break_end).t_ns = ms(60);
  event(timeline, EventKind::break_end).value = EINTR;
  EXPECT_EQ(judge(timeline, one_based()).outcome, Outcome::pass);
}

TEST(Interrupted, OneThatWaitsOnMustBeWoken) {
  Timeline timeline = good();
  timeline.interrupts = true;
  EXPECT_EQ(judge(timeline, one_based()).outcome, Outcome::pass);
}

TEST(Transient, NeedOnlyReturn) {
  Timeline timeline = quick();
  timeline.frees_page = true;
  timeline.transient = true;
  EXPECT_EQ(judge(timeline, one_based()).outcome, Outcome::pass);
  event(timeline, EventKind::break_end).t_ns = ms(50);
  EXPECT_THAT(judge(timeline, one_based()).findings, IsEmpty());
}

TEST(Counting, SeveralReferencesAreMultiplied) {
  Timeline timeline = good();
  timeline.references = 8;
  EXPECT_EQ(judge(timeline, one_based()).findings.front().kind, "scheme-mismatch");
  for (Event& event : timeline.events)
    if (event.text == "pinned") event.count = 9;
  EXPECT_THAT(judge(timeline, one_based()).findings, IsEmpty());
}

}  // namespace
}  // namespace daxbreak
