// SPDX-License-Identifier: GPL-2.0
#include "report/versus_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sample_run.h"

namespace daxbreak {
namespace {
using testing::HasSubstr;
using testing::Not;

MeasureRecord measure(const std::string& pair, const std::string& engine, unsigned repetition,
                      double iops, std::int64_t ns) {
  MeasureRecord record;
  record.kernel = "6.12";
  record.job = pair;
  record.load = pair;
  record.engine = engine;
  record.filesystem = "ext4";
  record.point = {{"bs", "4k"}, {"ioengine", "psync"}, {"iodepth", "1"}};
  record.repetition = repetition;
  record.seconds = 2;
  record.numbers["iops"] = iops;
  MeasuredSeries series{.name = "read", .direction = Direction::read, .bytes = 4096};
  series.latency.add(ns);
  record.series.push_back(series);
  record.verdict.outcome = Outcome::pass;
  return record;
}

/// A pair whose ratios are those.
void put_pair(RunRecord& run, const std::string& pair, const std::vector<double>& ratios) {
  unsigned repetition = 0;
  for (const double ratio : ratios) {
    ++repetition;
    const double fio = 1000.0 * repetition;  // drifts, which must not count
    run.measures.push_back(measure(pair, "fio-3.33", repetition, fio, 20));
    run.measures.push_back(measure(pair, "daxbreak", repetition, fio * ratio, 10));
  }
}

RunRecord record() {
  RunRecord run;
  run.environments.push_back(
      sample::environment("6.12", "6.12.117-amd64", "6.12.117-1", "fsdax-one"));
  return run;
}

TEST(VersusTable, ComparesEachRepetitionWithFiosJustBefore) {
  RunRecord run = record();
  put_pair(run, "odirect-read", {1.1, 1.3, 1.2});
  const auto rows = versus_rows(run);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].repetitions, 3U);
  EXPECT_DOUBLE_EQ(rows[0].iops.ratio.median, 1.2);
  EXPECT_DOUBLE_EQ(rows[0].iops.ratio.least, 1.1);
  EXPECT_DOUBLE_EQ(rows[0].iops.ratio.most, 1.3);
  EXPECT_DOUBLE_EQ(rows[0].iops.fio.median, 2000);
  EXPECT_DOUBLE_EQ(rows[0].median_ns.ratio.median, 0.5);
  EXPECT_DOUBLE_EQ(rows[0].p99_ns.ours.median, 10);
  EXPECT_EQ(rows[0].pace, Pace::not_slower);
  EXPECT_EQ(rows[0].fio, "fio-3.33");
}

TEST(VersusTable, SlowerNeedsEveryRepetition) {
  RunRecord run = record();
  put_pair(run, "slow", {0.8, 0.9, 0.94});
  put_pair(run, "unclear", {0.8, 0.9, 1.1});
  put_pair(run, "within", {0.96, 0.96, 0.8});
  const auto rows = versus_rows(run);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].pace, Pace::slower);
  EXPECT_EQ(rows[1].pace, Pace::unclear);
  EXPECT_EQ(rows[2].pace, Pace::not_slower);
  const std::string text = format_versus(run, {});
  EXPECT_THAT(text, HasSubstr("1 not slower than fio, 1 slower, 1 can't tell, 0 skipped"));
}

TEST(VersusTable, SkipsAreCountedWithTheirReason) {
  RunRecord run = record();
  put_pair(run, "odirect-read", {1, 1});
  MeasureRecord skip = measure("devdax-load", "daxbreak", 1, 0, 0);
  skip.series.clear();
  skip.verdict = {.outcome = Outcome::skip, .reason = "this fio has no ioengine dev-dax"};
  run.measures.push_back(skip);
  const auto rows = versus_rows(run);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].skipped, "this fio has no ioengine dev-dax");
  const std::string text = format_versus(run, {});
  EXPECT_THAT(text, HasSubstr("devdax-load: skipped: this fio has no ioengine dev-dax"));
  EXPECT_THAT(text, HasSubstr("2 pairs: 1 not slower than fio, 0 slower, 0 can't tell, 1 skipped"));
}

TEST(VersusTable, APairGivenUpInTheMiddleHasNoFigures) {
  RunRecord run = record();
  put_pair(run, "odirect-read", {1.5});
  MeasureRecord skip = measure("odirect-read", "daxbreak", 2, 0, 0);
  skip.series.clear();
  skip.verdict = {.outcome = Outcome::skip, .reason = "fio's job odirect-read failed"};
  run.measures.push_back(skip);
  const auto rows = versus_rows(run);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].skipped, "fio's job odirect-read failed");
}

TEST(VersusTable, OtherMeasurementsAreNoPairs) {
  RunRecord run = record();
  run.measures.push_back(measure("storm", "daxbreak", 1, 100, 10));
  EXPECT_TRUE(versus_rows(run).empty());
  EXPECT_EQ(format_versus(run, {}), "");
}

TEST(VersusTable, EmulatedTimingsAreMarked) {
  RunRecord run = record();
  put_pair(run, "odirect-read", {1, 1});
  EXPECT_THAT(format_versus(run, {}), HasSubstr("software emulation"));
  run.environments[0].accelerator = "kvm";
  EXPECT_THAT(format_versus(run, {}), Not(HasSubstr("software emulation")));
}

TEST(VersusTable, JsonHasAllDigits) {
  RunRecord run = record();
  put_pair(run, "odirect-read", {1.2345678, 1.2345678});
  const auto json = versus_json(run);
  ASSERT_EQ(json.at("pairs").size(), 1U);
  const auto& pair = json["pairs"][0];
  EXPECT_NEAR(pair["iops"]["ratio"]["median"].get<double>(), 1.2345678, 1e-12);
  EXPECT_EQ(pair["pace"], "not slower");
  EXPECT_EQ(pair["accelerator"], "tcg");
}

TEST(VersusTable, SaysWithWhichSettings) {
  RunRecord run = record();
  put_pair(run, "pmem-store", {1.2, 1.2});
  EXPECT_THAT(format_versus(run, {}), HasSubstr("bs 4k, tcg")) << "an old run did not say";
  EXPECT_TRUE(versus_json(run)["pairs"][0]["settings"].empty());
  MeasureRecord skip = measure("devdax-load", "daxbreak", 1, 0, 0);
  skip.series.clear();
  skip.verdict = {.outcome = Outcome::skip, .reason = "no device-dax node was given"};
  run.measures.push_back(skip);
  for (MeasureRecord& one : run.measures)
    if (one.engine == "daxbreak")
      one.settings = {{"size", "67108864"}, {"runtime", "2000000000"}};
    else
      one.settings = {{"--size", "67108864"}, {"--direct", "1"}};
  EXPECT_THAT(format_versus(run, {}), HasSubstr("bs 4k, size 64m, runtime 2.00 s, tcg"));
  const auto pairs = versus_json(run).at("pairs");
  EXPECT_EQ(pairs[0]["settings"]["size"], "67108864");
  EXPECT_EQ(pairs[0]["fio options"]["--direct"], "1");
  EXPECT_EQ(pairs[1]["settings"]["size"], "67108864");
}

TEST(Spread, OfAnyNumberOfValues) {
  EXPECT_DOUBLE_EQ(spread_of({}).median, 0);
  EXPECT_DOUBLE_EQ(spread_of({3}).median, 3);
  EXPECT_DOUBLE_EQ(spread_of({4, 1}).median, 2.5);
  EXPECT_DOUBLE_EQ(spread_of({4, 1, 2}).median, 2);
  EXPECT_DOUBLE_EQ(spread_of({4, 1, 2}).least, 1);
  EXPECT_DOUBLE_EQ(spread_of({4, 1, 2}).most, 4);
}

}  // namespace
}  // namespace daxbreak
