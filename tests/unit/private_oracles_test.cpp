// SPDX-License-Identifier: GPL-2.0
// What is asked of memory that a device takes: seen to pass, and each oracle seen to fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "hand_made.h"
#include "oracle/judge.h"
#include "pmem/private_device.h"

namespace daxbreak {
namespace {

using namespace hand_made;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Free at zero, handed out at one.
Scheme stock() {
  Scheme made = zero_based();
  made.private_idle = 0;
  made.private_freed = 0;
  made.private_allocated = 1;
  return made;
}

Event counted(std::int64_t at, std::string_view when, std::int32_t count, std::int64_t pages) {
  return {.t_ns = ms(at),
          .kind = EventKind::counts,
          .value = pages,
          .count = count,
          .text = std::string(when)};
}

Event noted_at(std::int64_t at, std::string_view what, std::int64_t value) {
  return {.t_ns = ms(at), .kind = EventKind::noted, .value = value, .text = std::string(what)};
}

/// 64 pages that went to the device and came back by faults.
Timeline came_back() {
  Timeline timeline;
  timeline.cell = {.kernel = "test",
                   .filesystem = "device-private",
                   .pin = "migrated-x64",
                   .breaker = "private-fault"};
  timeline.deadline = std::chrono::milliseconds(500);
  timeline.device_memory = true;
  timeline.frees_page = false;
  timeline.pinned_pages = 64;
  timeline.events = {
      {.t_ns = ms(1), .kind = EventKind::pin_begin},
      {.t_ns = ms(2), .kind = EventKind::pin_held},
      noted_at(2, noted::on_device, 64),
      counted(3, moment::migrated, 1, 64),
      {.t_ns = ms(10), .kind = EventKind::break_begin},
      {.t_ns = ms(20), .kind = EventKind::break_end},
      noted_at(21, noted::compared, 64 * 4096),
      noted_at(21, noted::wrong, 0),
      counted(22, moment::handed_out, 0, 64),
      counted(22, moment::filled, 1, 64),
      counted(22, moment::freed, 0, 64),
      counted(23, moment::settled, 0, 131072),
  };
  return timeline;
}

Event& counts_of(Timeline& timeline, std::string_view when) {
  for (Event& event : timeline.events)
    if (event.kind == EventKind::counts && event.text == when) return event;
  ADD_FAILURE() << when;
  return timeline.events.front();
}

/// The one finding of a timeline; "" if there is none or another number.
std::string finding_of(const Timeline& timeline) {
  const Verdict verdict = judge(timeline, stock());
  EXPECT_EQ(verdict.outcome, Outcome::fail) << verdict.reason;
  EXPECT_THAT(verdict.findings, SizeIs(1));
  return verdict.findings.size() == 1 ? verdict.findings.front().kind : "";
}

TEST(PrivateOracles, PagesThatCameBackPass) {
  const Verdict verdict = judge(came_back(), stock());
  EXPECT_THAT(verdict.findings, IsEmpty());
  EXPECT_EQ(verdict.outcome, Outcome::pass) << verdict.reason;
}

TEST(PrivateOracles, OtherBytesAreCorruption) {
  Timeline timeline = came_back();
  timeline.events.push_back(noted_at(24, noted::wrong, 4096));
  EXPECT_EQ(finding_of(timeline), "corruption");
}

TEST(PrivateOracles, CountOnTheDeviceIsTheSchemes) {
  Timeline timeline = came_back();
  counts_of(timeline, moment::migrated).count = 2;
  EXPECT_EQ(finding_of(timeline), "scheme-mismatch");
}

TEST(PrivateOracles, CountAtPageFreeIsTheSchemes) {
  Timeline timeline = came_back();
  counts_of(timeline, moment::freed).count = 1;
  EXPECT_EQ(finding_of(timeline), "scheme-mismatch");
}

TEST(PrivateOracles, PageHandedOutBeforeItsTime) {
  // Williams' scheme: free is one; a page that is popped between page_free() and set_page_count()
  // is still at zero.
  Scheme busy = stock();
  busy.private_idle = 1;
  Timeline timeline = came_back();
  counts_of(timeline, moment::handed_out).count = 1;
  counts_of(timeline, moment::settled).count = 1;
  EXPECT_EQ(judge(timeline, busy).outcome, Outcome::pass);
  timeline.events.push_back(counted(22, moment::handed_out, 0, 3));
  const Verdict verdict = judge(timeline, busy);
  ASSERT_THAT(verdict.findings, SizeIs(1));
  EXPECT_EQ(verdict.findings.front().kind, "count-overwritten");
  EXPECT_THAT(verdict.findings.front().sentence, HasSubstr("3 page(s)"));
}

TEST(PrivateOracles, ReferenceThatIsLostWhileInUse) {
  Timeline timeline = came_back();
  timeline.events.push_back(counted(22, moment::filled, 0, 1));
  EXPECT_EQ(finding_of(timeline), "count-overwritten");
}

TEST(PrivateOracles, MoreReferencesWhileInUseAreSomebodysBusiness) {
  Timeline timeline = came_back();
  timeline.events.push_back(counted(22, moment::filled, 2, 1));
  EXPECT_EQ(judge(timeline, stock()).outcome, Outcome::pass);
}

TEST(PrivateOracles, HeldPageThatMoved) {
  Timeline timeline = came_back();
  timeline.events.push_back(noted_at(21, noted::held_moved, 1));
  EXPECT_EQ(finding_of(timeline), "moved-while-held");
}

TEST(PrivateOracles, HeldPageThatSomebodyElseWasGiven) {
  Timeline timeline = came_back();
  timeline.events.push_back(noted_at(21, noted::held_freed, 1));
  EXPECT_EQ(finding_of(timeline), "freed-while-held");
}

TEST(PrivateOracles, LongTermPinOnTheDevice) {
  Timeline timeline = came_back();
  timeline.events.push_back(noted_at(21, noted::longterm_there, 64));
  EXPECT_EQ(finding_of(timeline), "longterm-on-device");
}

TEST(PrivateOracles, PageThatLeftThoughNobodyAsked) {
  Timeline timeline = came_back();
  timeline.cell.filesystem = "device-coherent";
  timeline.cell.breaker = "coherent-touch";
  EXPECT_EQ(judge(timeline, stock()).outcome, Outcome::pass);
  timeline.events.push_back(noted_at(21, noted::strayed, 2));
  EXPECT_EQ(finding_of(timeline), "moved-unasked");
}

TEST(PrivateOracles, RefusalOfWhichNobodyWasTold) {
  Timeline timeline = came_back();
  timeline.events.push_back(noted_at(21, noted::held_stayed, 60));
  EXPECT_EQ(judge(timeline, stock()).outcome, Outcome::pass);
  timeline.events.push_back(noted_at(21, noted::held_unsaid, 4));
  EXPECT_EQ(finding_of(timeline), "refusal-unsaid");
}

TEST(PrivateOracles, BreakThatHadToBePoked) {
  Timeline timeline = came_back();
  timeline.events.push_back({.t_ns = ms(15), .kind = EventKind::poke});
  EXPECT_EQ(finding_of(timeline), "stuck");
}

TEST(PrivateOracles, OwnerWhoseEndTakesItsTimeIsNoFinding) {
  Timeline timeline = came_back();
  timeline.events.push_back({.t_ns = ms(30), .kind = EventKind::poke});
  EXPECT_EQ(judge(timeline, stock()).outcome, Outcome::pass);
  timeline.events.push_back({.t_ns = ms(90), .kind = EventKind::gave_up, .text = "after kill"});
  EXPECT_EQ(finding_of(timeline), "unkillable");
}

TEST(PrivateOracles, PageThatIsNotGivenBackIsDrift) {
  Timeline timeline = came_back();
  timeline.events.push_back(counted(23, moment::settled, 1, 1));
  EXPECT_EQ(finding_of(timeline), "count-drift");
}

TEST(PrivateOracles, KernelComplaintIsAFinding) {
  Timeline timeline = came_back();
  timeline.events.push_back(
      {.t_ns = ms(15), .kind = EventKind::kernel_log, .value = 0, .text = "WARNING: at mm"});
  EXPECT_EQ(finding_of(timeline), "kernel-warning");
}

TEST(PrivateOracles, WhatWasNotSeenProvesNothing) {
  Timeline never_moved = came_back();
  event(never_moved, EventKind::pin_held).kind = EventKind::pin_refused;
  EXPECT_EQ(judge(never_moved, stock()).outcome, Outcome::inconclusive);

  Timeline few = came_back();
  event(few, EventKind::noted).value = 63;
  EXPECT_EQ(judge(few, stock()).outcome, Outcome::inconclusive);

  Timeline unseen = came_back();
  counts_of(unseen, moment::freed).value = 3;
  EXPECT_THAT(judge(unseen, stock()).reason, HasSubstr("3 page(s) back, of 64"));

  Timeline blind = came_back();
  blind.observer_gap = "no BPF";
  EXPECT_EQ(judge(blind, stock()).reason, "not observed: no BPF");

  Timeline failed = came_back();
  event(failed, EventKind::break_end).value = EIO;
  EXPECT_EQ(judge(failed, stock()).outcome, Outcome::inconclusive);
}

TEST(PrivateOracles, BreakerThatIsNotKnownIsASkip) {
  Timeline timeline = came_back();
  timeline.refusable = true;
  event(timeline, EventKind::break_end).value = EOPNOTSUPP;
  EXPECT_EQ(judge(timeline, stock()).outcome, Outcome::skip);
}

TEST(PrivateOracles, DeathOfTheOwnerIsAnEnd) {
  Timeline timeline = came_back();
  event(timeline, EventKind::break_end).kind = EventKind::break_died;
  EXPECT_EQ(judge(timeline, stock()).outcome, Outcome::pass);
}

TEST(PrivateDevice, FramesAreReadFromIomem) {
  const auto found = private_frames_in(
      "00000000-00000fff : Reserved\n"
      "fffe0000000-fffefffffff : hmm_dmirror\n"
      "  ffff0000000-fffffffffff : hmm_dmirror\n"
      "00000000-00000000 : hmm_dmirror\n");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].first, 0xfffe0000U);
  EXPECT_EQ(found[0].count, 65536U);
  EXPECT_EQ(found[1].first, 0xffff0000U);
}

TEST(PrivateDevice, CoherentFramesAreReadFromTheParameter) {
  const auto found = coherent_frames_at("7516192768\n");  // 0x1c0000000
  ASSERT_TRUE(found);
  EXPECT_EQ(found->first, 0x1c0000U);
  EXPECT_EQ(found->count, 65536U);
  EXPECT_FALSE(coherent_frames_at("0\n"));
  EXPECT_FALSE(coherent_frames_at(""));
}

TEST(PrivateDevice, EntryOfThePageTableSaysWhereAPageIs) {
  const std::vector<PfnRange> known{{.first = 0x1000, .count = 16}, {.first = 0x5000, .count = 16}};
  constexpr std::uint64_t present = 1ULL << 63U;
  constexpr std::uint64_t swapped = 1ULL << 62U;
  EXPECT_EQ(device_frame_of(present | 0x100f, known), 0x100fU);
  EXPECT_EQ(device_frame_of(swapped | (0x5000U << 5U) | 3U, known), 0x5000U);
  EXPECT_FALSE(device_frame_of(present | 0x1010, known));  // ordinary memory
  EXPECT_FALSE(device_frame_of(swapped | 0x1000, known));  // a swap file's, or none of ours
  EXPECT_FALSE(device_frame_of(0x1000, known));            // nothing there
}

}  // namespace
}  // namespace daxbreak
