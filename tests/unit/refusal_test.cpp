// SPDX-License-Identifier: GPL-2.0
#include "pmem/refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pmem/frames.h"

namespace daxbreak {
namespace {

using testing::HasSubstr;

Namespace raw() {
  return {.name = "namespace0.0", .region = "region0", .mode = "raw", .block = "/dev/pmem0"};
}

NamespaceRequest request(bool force) {
  return {.name = "namespace0.0", .force = force};
}

TEST(Refusal, AnEmptyUnusedNamespaceIsFree) {
  EXPECT_EQ(reconfigure_refusal(raw(), request(false)), "");
}

TEST(Refusal, InUseIsRefusedEvenByForce) {
  Namespace space = raw();
  space.holder = "mounted on /mnt/ext4";
  space.content = "ext4";
  for (const bool force : {false, true})
    EXPECT_EQ(reconfigure_refusal(space, request(force)),
              "namespace0.0 is in use: /dev/pmem0 is mounted on /mnt/ext4; end that first");
}

TEST(Refusal, ContentNeedsForce) {
  Namespace space = raw();
  space.content = "xfs";
  EXPECT_THAT(reconfigure_refusal(space, request(false)), HasSubstr("xfs on /dev/pmem0"));
  EXPECT_EQ(reconfigure_refusal(space, request(true)), "");
}

TEST(Refusal, ContentThatCannotBeSeenNeedsForce) {
  Namespace space = raw();
  space.block.clear();
  EXPECT_THAT(reconfigure_refusal(space, request(false)), HasSubstr("(disabled)"));
  space.character = "/dev/dax0.0";
  EXPECT_THAT(reconfigure_refusal(space, request(false)), HasSubstr("(device-dax)"));
  EXPECT_EQ(reconfigure_refusal(space, request(true)), "");
  space.holder = "opened by process 7 (fio)";
  EXPECT_THAT(reconfigure_refusal(space, request(true)), HasSubstr("/dev/dax0.0 is opened by"));
}

TEST(Refusal, ModesAndAlignmentsTheKernelHas) {
  NamespaceRequest wanted = request(true);
  wanted.mode = "sector";
  EXPECT_THAT(reconfigure_refusal(raw(), wanted), HasSubstr("\"sector\""));
  wanted.mode = "devdax";
  for (const std::uint64_t alignment : {4096UL, 2UL << 20, 1UL << 30}) {
    wanted.alignment = alignment;
    EXPECT_EQ(reconfigure_refusal(raw(), wanted), "");
  }
  wanted.alignment = 8192;
  EXPECT_THAT(reconfigure_refusal(raw(), wanted), HasSubstr("alignment of 8k"));
}

TEST(Frames, WholePagesOfARange) {
  EXPECT_EQ(frames_of(0x120a00000, 526385152).first, 0x120a00U);
  EXPECT_EQ(frames_of(0x120a00000, 526385152).count, 128512U);
  EXPECT_EQ(frames_of(0x1200, 0x2000).first, 2U);
  EXPECT_EQ(frames_of(0x1200, 0x2000).count, 1U);
  EXPECT_EQ(frames_of(0x1200, 0x100).count, 0U);
}

}  // namespace
}  // namespace daxbreak
