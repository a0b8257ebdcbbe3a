// SPDX-License-Identifier: GPL-2.0
#include "lab/scheduler.h"

#include <gtest/gtest.h>

#include "lab/cell_queue.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t gib = 1UL << 30;

std::vector<PlannedCell> cells(std::size_t count) {
  std::vector<PlannedCell> all(count);
  for (std::size_t at = 0; at < count; ++at)
    all[at].index = at;
  return all;
}

TEST(MachinesAtOnce, CoresMemoryAndUse) {
  const MachineSize size;
  EXPECT_EQ(*machines_at_once(0, 4, size, {.cores = 2, .memory = 64 * gib}), 2U);
  EXPECT_EQ(*machines_at_once(0, 1, size, {.cores = 8, .memory = 64 * gib}), 1U);
  EXPECT_EQ(*machines_at_once(3, 4, size, {.cores = 2, .memory = 64 * gib}), 3U);
  EXPECT_EQ(*machines_at_once(0, 4, size, {.cores = 8, .memory = 6 * gib}), 2U);
  EXPECT_FALSE(machines_at_once(0, 4, size, {.cores = 8, .memory = gib}));
}

TEST(MachinesAtOnce, FilesSaveMemory) {
  MachineSize size;
  size.nvdimm_size = 64 * gib;
  EXPECT_FALSE(machines_at_once(0, 1, size, {.cores = 1, .memory = 8 * gib}));
  size.nvdimm_folder = "/var/tmp";
  EXPECT_TRUE(machines_at_once(0, 1, size, {.cores = 1, .memory = 8 * gib}));
}

TEST(CellQueue, HandsOutInOrder) {
  CellQueue queue(cells(100));
  const auto half = queue.take(true, 40);
  ASSERT_EQ(half.size(), 50U);
  EXPECT_EQ(half.front().index, 0U);
  EXPECT_EQ(queue.take(true, 40).size(), 40U) << "not in crumbs";
  const auto rest = queue.take(false, 40);
  ASSERT_EQ(rest.size(), 10U);
  EXPECT_EQ(rest.back().index, 99U);
  EXPECT_TRUE(queue.take(false, 40).empty());
}

class OneKernel : public ::testing::Test {
 protected:
  std::vector<KernelWork> work_ = {
      {.spec = {.image = {.name = "6.1", .release = "r", .vmlinuz = "/nonexistent/vmlinuz"},
                .accelerator = "tcg",
                .folder = ::testing::TempDir()},
       .cells = cells(5)}};
  LabEvents events_;
};

TEST_F(OneKernel, ThatCannotBeBootedIsSkippedCellByCell) {
  std::size_t ended = 0;
  events_.trial_end = [&](const std::string&, const TrialRecord&) { ++ended; };
  const auto run = run_kernels(work_, 2, events_, {});
  EXPECT_EQ(ended, 5U);
  ASSERT_EQ(run.trials.size(), 5U);
  EXPECT_EQ(run.trials[3].index, 3U);
  EXPECT_EQ(run.trials[3].verdict.outcome, Outcome::skip);
  EXPECT_NE(run.trials[3].verdict.reason.find("given up"), std::string::npos);
  ASSERT_EQ(run.environments.size(), 1U);
  EXPECT_EQ(run.environments[0].kernel, "6.1");
  EXPECT_EQ(run.incidents.size(), 1U);
}

TEST_F(OneKernel, StoppedRunsSayHowMuchIsMissing) {
  std::stop_source stop;
  stop.request_stop();
  const auto run = run_kernels(work_, 1, events_, stop.get_token());
  EXPECT_TRUE(run.trials.empty());
  ASSERT_EQ(run.incidents.size(), 1U);
  EXPECT_EQ(run.incidents[0].sentence, "interrupted: 5 of 5 cells were not run");
}

}  // namespace
}  // namespace daxbreak
