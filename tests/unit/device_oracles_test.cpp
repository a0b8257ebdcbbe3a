// SPDX-License-Identifier: GPL-2.0
// What is asked of a device-dax teardown: seen to pass, and each oracle seen to fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hand_made.h"
#include "oracle/judge.h"

namespace daxbreak {
namespace {

using namespace hand_made;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Scheme scheme() {
  Scheme made = zero_based();
  made.device_idle = 1;
  made.device_per_mapping = 1;
  return made;
}

/// A teardown that slept until the pin was released, under a scheme that counts mappings.
Timeline torn_down() {
  Timeline timeline;
  timeline.cell = {
      .kernel = "test", .filesystem = "devdax", .pin = "vmsplice", .breaker = "device-unbind"};
  timeline.deadline = std::chrono::milliseconds(500);
  timeline.pin_flow = "none";
  timeline.device = true;
  timeline.events = {
      {.t_ns = ms(1), .kind = EventKind::counts, .value = 1, .count = 2, .text = "mapped"},
      {.t_ns = ms(3), .kind = EventKind::pin_held, .value = 1},
      {.t_ns = ms(4), .kind = EventKind::counts, .value = 1, .count = 3, .text = "pinned"},
      {.t_ns = ms(10), .kind = EventKind::break_begin},
      {.t_ns = ms(13), .kind = EventKind::sleep, .text = "uninterruptible in memunmap_pages"},
      {.t_ns = ms(100), .kind = EventKind::release_begin},
      {.t_ns = ms(105), .kind = EventKind::release_end},
      {.t_ns = ms(110), .kind = EventKind::break_end},
  };
  return timeline;
}

TEST(DeviceOracles, TeardownThatWaitedPasses) {
  const Verdict verdict = judge(torn_down(), scheme());
  EXPECT_EQ(verdict.outcome, Outcome::pass) << verdict.reason;
}

TEST(DeviceOracles, TeardownUnderThePinIsEarly) {
  Timeline timeline = torn_down();
  remove(timeline, EventKind::sleep);
  event(timeline, EventKind::break_end).t_ns = ms(50);
  const Verdict verdict = judge(timeline, scheme());
  ASSERT_THAT(verdict.findings, SizeIs(1));
  EXPECT_EQ(verdict.findings.front().kind, "early-break");
}

TEST(DeviceOracles, TeardownThatNeverEndsIsStuck) {
  Timeline timeline = torn_down();
  remove(timeline, EventKind::break_end);
  insert(timeline, {.t_ns = ms(600), .kind = EventKind::poke});
  const Verdict verdict = judge(timeline, scheme());
  ASSERT_THAT(verdict.findings, SizeIs(1));
  EXPECT_EQ(verdict.findings.front().kind, "stuck");
}

TEST(DeviceOracles, TeardownThatNobodySawAsleepProvesNothing) {
  Timeline timeline = torn_down();
  remove(timeline, EventKind::sleep);
  const Verdict verdict = judge(timeline, scheme());
  EXPECT_EQ(verdict.outcome, Outcome::inconclusive);
  EXPECT_THAT(verdict.reason, HasSubstr("never seen asleep"));
}

TEST(DeviceOracles, CountsAreThoseOfADevice) {
  Timeline timeline = torn_down();
  for (Event& event : timeline.events)
    if (event.text == "mapped") event.count = 1;  // right for a file of this scheme, not here
  const Verdict verdict = judge(timeline, scheme());
  ASSERT_THAT(verdict.findings, SizeIs(1));
  EXPECT_EQ(verdict.findings.front().kind, "scheme-mismatch");
}

TEST(DeviceOracles, ALostReferenceIsDrift) {
  Timeline timeline = torn_down();
  timeline.frees_page = false;  // device-remap
  remove(timeline, EventKind::sleep);
  event(timeline, EventKind::break_end).t_ns = ms(50);
  Timeline drifted = timeline;
  insert(timeline,
         {.t_ns = ms(120), .kind = EventKind::counts, .value = 1, .count = 1, .text = "settled"});
  EXPECT_EQ(judge(timeline, scheme()).outcome, Outcome::pass);
  insert(drifted,
         {.t_ns = ms(120), .kind = EventKind::counts, .value = 1, .count = 2, .text = "settled"});
  const Verdict verdict = judge(drifted, scheme());
  ASSERT_THAT(verdict.findings, SizeIs(1));
  EXPECT_EQ(verdict.findings.front().kind, "count-drift");
}

}  // namespace
}  // namespace daxbreak
