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

TEST(Expand, MemoryAndRangeMultiplyToo) {
  Job job = small_job();
  job.memories = {"shared", "private"};
  job.ranges = {"same-page", "elsewhere", "beyond-eof"};
  const std::vector<Job> jobs{job};
  EXPECT_EQ(expand(jobs, "6.1").size(), 2U * 2 * 2 * 3);
}

TEST(Expand, HeavierJobsComeFirst) {
  Job heavy = small_job();
  heavy.name = "heavy";
  heavy.weight = 200;
  heavy.breakers = {"punch-hole"};
  const std::vector<Job> jobs{small_job(), heavy};
  const auto cells = expand(jobs, "6.1");
  EXPECT_EQ(cells.front().breaker, "punch-hole");
  EXPECT_EQ(cells.back().breaker, "truncate");
}

TEST(Expand, CellsThatCanWedgeComeLastOfAll) {
  Job job = small_job();
  job.breakers = Vocabulary::registered().breakers;
  job.repeat = 2;
  const std::vector<Job> jobs{job};
  const auto cells = expand(jobs, "6.1");
  EXPECT_TRUE(std::is_partitioned(cells.begin(), cells.end(),
                                  [](const Cell& cell) { return !can_wedge(cell); }));
}

TEST(Expand, PairwiseSaysWhatItCovers) {
  Job job = small_job();
  job.cover = Cover::pairwise;
  job.seed = 3;
  job.disturbers = {"none", "munmap", "refault"};
  job.page_sizes = {4096, 2U << 20};
  const std::vector<Job> jobs{job};
  const Expansion expansion = expand_jobs(jobs, "6.1");
  ASSERT_EQ(expansion.covers.size(), 1U);
  EXPECT_EQ(expansion.covers[0].job, "small");
  EXPECT_EQ(expansion.covers[0].seed, 3U);
  EXPECT_EQ(expansion.covers[0].cells, expansion.cells.size());
  // Two filesystems, two sizes, two pins, one gate, breaker, memory and range, three disturbers.
  EXPECT_EQ(expansion.covers[0].pairs, 3U * 4 + 3 * 6 + 4 * (2 + 2 + 2 + 3) + 6U);
  EXPECT_LT(expansion.cells.size(), 24U);
  EXPECT_EQ(expansion.cells.back().disturber, "munmap");
}

TEST(Shard, IsReadAndTakesEveryNth) {
  const auto shard = parse_shard("2/4");
  ASSERT_TRUE(shard) << shard.error().message();
  EXPECT_FALSE(shard->whole());
  EXPECT_FALSE(shard->has(0));
  EXPECT_TRUE(shard->has(1));
  EXPECT_TRUE(shard->has(5));
  EXPECT_TRUE(Shard{}.whole());
  EXPECT_TRUE(Shard{}.has(7));
  EXPECT_EQ(parse_shard("5/4").error().message(),
            "there is no shard 5 of 4; they are counted from 1");
  for (const char* wrong : {"", "1", "/", "1/", "/2", "0/2", "1/0", "-1/2", "1/2/3", "1 /2"})
    EXPECT_EQ(parse_shard(wrong).error().message(),
              std::string("\"") + wrong + "\" is no shard; write the second of four as 2/4");
}

TEST(Fingerprint, TellsOtherCellsAndOrdersApartButNotKernels) {
  const std::vector<Job> jobs{small_job()};
  auto cells = expand(jobs, "6.1");
  const std::uint64_t print = fingerprint_of(cells);
  EXPECT_EQ(fingerprint_of(expand(jobs, "6.12")), print);
  std::swap(cells.front(), cells.back());
  EXPECT_NE(fingerprint_of(cells), print);
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

INSTANTIATE_TEST_SUITE_P(All, ShippedJob,
                         testing::Values("standard.job", "smoke.job", "full.job",
                                         "device-private.job", "device-coherent.job"));

TEST(StandardJob, HasTheWholeMatrix) {
  auto jobs = load_jobs(DAXBREAK_SOURCE "/configs/jobs/standard.job", {}, Vocabulary::registered());
  ASSERT_TRUE(jobs) << jobs.error().message();
  auto matrix = select_jobs(*jobs, {"matrix"});
  ASSERT_TRUE(matrix) << matrix.error().message();
  EXPECT_EQ(expand(*matrix, "6.1").size(), 2U * 2 * 6 * 3 * 3);
}

}  // namespace
}  // namespace daxbreak
