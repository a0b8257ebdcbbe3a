// SPDX-License-Identifier: GPL-2.0
#include "job/expand.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "job/sense.h"

namespace daxbreak {
namespace {

Job small_job() {
  Job job;
  job.name = "small";
  job.pins = {"vmsplice", "odirect-read"};
  job.breakers = {"truncate"};
  return job;
}

TEST(Expand, ListsMultiply) {
  Job job = small_job();
  job.page_sizes = {4096, 2U << 20};
  job.disturbers = {"munmap", "none", "refault"};
  const std::vector<Job> jobs{job};
  const auto cells = expand(jobs, "6.1");
  EXPECT_EQ(cells.size(), 2U * 2 * 2 * 1 * 3);
  EXPECT_EQ(std::set<Cell>(cells.begin(), cells.end()).size(), cells.size());
  for (const Cell& cell : cells)
    EXPECT_EQ(cell.kernel, "6.1");
  // The first verdicts compare the pins.
  EXPECT_EQ(cells[0].pin, "vmsplice");
  EXPECT_EQ(cells[1].pin, "odirect-read");
  EXPECT_EQ(cells[1].filesystem, cells[0].filesystem);
}

TEST(Expand, CellsThatFreePagesEarlyComeLast) {
  Job job = small_job();
  job.disturbers = {"munmap", "none", "refault"};
  const std::vector<Job> jobs{job};
  const auto cells = expand(jobs, "6.1");
  EXPECT_EQ(cells.front().disturber, "none");
  EXPECT_EQ(cells.back().disturber, "munmap");
}

TEST(Expand, DoublesAreRemovedAcrossJobs) {
  Job wider = small_job();
  wider.name = "wider";
  wider.breakers = {"truncate", "punch-hole"};
  const std::vector<Job> jobs{small_job(), wider};
  const auto cells = expand(jobs, "6.1");
  EXPECT_EQ(cells.size(), 2U * 2 * 2);
  EXPECT_EQ(std::set<Cell>(cells.begin(), cells.end()).size(), cells.size());
}

TEST(Expand, RepeatsComeRoundByRound) {
  Job thrice = small_job();
  thrice.repeat = 3;
  const std::vector<Job> jobs{thrice};
  const auto cells = expand(jobs, "6.1");
  ASSERT_EQ(cells.size(), 12U);
  EXPECT_EQ(cells[0], cells[4]);
  EXPECT_EQ(cells[0], cells[8]);
  EXPECT_NE(cells[0], cells[1]);
}

Cell sensible() {
  return {.kernel = "6.1", .filesystem = "ext4", .pin = "vmsplice", .breaker = "truncate"};
}

TEST(SkipReason, LetsSensibleCellsPass) {
  EXPECT_EQ(skip_reason(sensible()), std::nullopt);
  Cell cell = sensible();
  cell.pin = "odirect-read";
  cell.gate = "null-blk";
  EXPECT_EQ(skip_reason(cell), std::nullopt);
  cell.pin = "io-uring-fixed";
  cell.gate = "dm";
  EXPECT_EQ(skip_reason(cell), std::nullopt);
}

TEST(SkipReason, NamesWhatMakesNoSense) {
  Cell refused = sensible();
  refused.pin = "io-uring-fixed";
  refused.disturber = "munmap";
  EXPECT_EQ(skip_reason(refused), "a refused pin holds nothing, so there is no wait to disturb");
  Cell gated = sensible();
  gated.gate = "null-blk";
  EXPECT_EQ(skip_reason(gated), "this pin needs no gate, so another gate changes nothing");
  Cell unknown = sensible();
  unknown.breaker = "no-such-breaker";
  EXPECT_EQ(skip_reason(unknown), "this program has no breaker no-such-breaker");
}

/// The job files that come with the program are examples: they must be good ones.
class ShippedJob : public testing::TestWithParam<const char*> {};

TEST_P(ShippedJob, IsRead) {
  auto jobs = load_jobs(std::string(DAXBREAK_SOURCE "/configs/jobs/") + GetParam(), {},
                        Vocabulary::registered());
  ASSERT_TRUE(jobs) << jobs.error().message();
  EXPECT_FALSE(expand(*jobs, "6.1").empty());
}

INSTANTIATE_TEST_SUITE_P(All, ShippedJob, testing::Values("standard.job", "smoke.job"));

TEST(StandardJob, HasTheWholeMatrix) {
  auto jobs = load_jobs(DAXBREAK_SOURCE "/configs/jobs/standard.job", {}, Vocabulary::registered());
  ASSERT_TRUE(jobs) << jobs.error().message();
  auto matrix = select_jobs(*jobs, {"matrix"});
  ASSERT_TRUE(matrix) << matrix.error().message();
  EXPECT_EQ(expand(*matrix, "6.1").size(), 2U * 2 * 6 * 3 * 3);
}

}  // namespace
}  // namespace daxbreak
