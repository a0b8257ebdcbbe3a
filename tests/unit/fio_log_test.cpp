// SPDX-License-Identifier: GPL-2.0
#include "report/fio_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "report/fio_json.h"
#include "result/statistics.h"
#include "sample_run.h"

namespace daxbreak {
namespace {

using testing::ElementsAre;

const std::string* text_of(const std::vector<FioLogFile>& files, const std::string& name) {
  const auto at = std::find_if(files.begin(), files.end(),
                               [&](const FioLogFile& file) { return file.name == name; });
  return at == files.end() ? nullptr : &at->text;
}

std::vector<std::vector<std::uint64_t>> rows_of(const std::string& text) {
  std::vector<std::vector<std::uint64_t>> rows;
  for (const std::string_view line : split(text, "\n")) {
    auto& row = rows.emplace_back();
    for (const std::string_view word : split(line, ",")) {
      std::uint64_t number = 0;
      std::from_chars(word.data(), word.data() + word.size(), number);
      row.push_back(number);
    }
  }
  return rows;
}

TEST(FioLog, HasAsManyLinesAsTheJsonHasOperations) {
  const RunRecord run = sample::stock_run();
  const auto json = fio_json(run, {}, false);
  const auto files = fio_logs(run, {}, {.latency = "p/x"});
  std::size_t number = 0;
  for (const auto& job : json.at("jobs")) {
    ++number;
    const std::string* clat = text_of(files, "p/x_clat." + std::to_string(number) + ".log");
    ASSERT_NE(clat, nullptr) << number;
    const auto rows = rows_of(*clat);
    std::size_t operations = 0;
    for (const char* direction : {"read", "write", "trim"})
      operations += job.at(direction).at("total_ios").get<std::size_t>();
    EXPECT_EQ(rows.size(), operations) << job.at("jobname");
    std::uint64_t last = 0;
    for (const auto& row : rows) {
      ASSERT_EQ(row.size(), 5U);
      EXPECT_GE(row[0], last) << job.at("jobname");
      last = row[0];
      EXPECT_EQ(row[4], 0U);
    }
    const std::string* lat = text_of(files, "p/x_lat." + std::to_string(number) + ".log");
    const std::string* slat = text_of(files, "p/x_slat." + std::to_string(number) + ".log");
    ASSERT_TRUE(lat != nullptr && slat != nullptr);
    EXPECT_EQ(*lat, *clat);
    EXPECT_EQ(*slat, "");
  }
  EXPECT_EQ(files.size(), number * 3);
}

RunRecord two_breaks() {
  const Cell cell{.kernel = "6.1",
                  .filesystem = "ext4",
                  .page_size = sample::huge_page,
                  .pin = "vmsplice",
                  .breaker = "truncate"};
  RunRecord run;
  run.trials = {sample::passed(cell, 0, 100'000), sample::passed(cell, 1, 300'000)};
  return run;
}

TEST(FioLog, OneLineForEachOperation) {
  const auto files = fio_logs(two_breaks(), {}, {.latency = "l", .bandwidth = "b", .iops = "i"});
  const std::string* breaks = text_of(files, "l_clat.2.log");
  ASSERT_NE(breaks, nullptr);
  const auto rows = rows_of(*breaks);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0][1], 20'100'000U);
  EXPECT_EQ(rows[1][1], 20'300'000U);
  for (const auto& row : rows) {
    EXPECT_EQ(row[2], 2U);
    EXPECT_EQ(row[3], sample::huge_page);
  }
  // The second trial goes on where the first ended, whatever the clock did between them.
  EXPECT_LT(rows[1][0], 200U);
  EXPECT_EQ(rows_of(*text_of(files, "b_bw.2.log"))[0][1],
            sample::huge_page * 1'000'000 / 20'100'000);
  EXPECT_EQ(rows_of(*text_of(files, "i_iops.2.log"))[0][1], 1U);
}

TEST(FioLog, WindowsAverage) {
  const auto files = fio_logs(two_breaks(), {},
                              {.latency = "l", .bandwidth = "b", .iops = "i", .average_ms = 60000});
  const auto rows = rows_of(*text_of(files, "l_clat.2.log"));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0][1], 20'200'000U);
  EXPECT_EQ(rows[0][3], 0U);  // as fio has it
  const auto iops = rows_of(*text_of(files, "i_iops.2.log"));
  ASSERT_EQ(iops.size(), 1U);
  EXPECT_EQ(iops[0][1], 2000 / iops[0][0]);
  const auto bandwidth = rows_of(*text_of(files, "b_bw.2.log"));
  EXPECT_EQ(bandwidth[0][1], 2 * sample::huge_page * 1000 / bandwidth[0][0] / 1024);
}

TEST(FioLog, HistogramsHoldEveryOperation) {
  const auto files = fio_logs(two_breaks(), {}, {.histogram = "h", .histogram_ms = 60000});
  const auto rows = rows_of(*text_of(files, "h_clat_hist.2.log"));
  ASSERT_EQ(rows.size(), 1U);
  ASSERT_EQ(rows[0].size(), 3U + Statistics::buckets);
  EXPECT_EQ(rows[0][1], 2U);
  EXPECT_EQ(rows[0][3 + Statistics::bucket_of(20'100'000)], 1U);
  EXPECT_EQ(rows[0][3 + Statistics::bucket_of(20'300'000)], 1U);
}

TEST(FioLog, StormsStandAsAverages) {
  RunRecord run;
  for (unsigned repetition = 1; repetition <= 2; ++repetition) {
    MeasureRecord storm{.kernel = "6.1",
                        .load = "storm",
                        .filesystem = "ext4",
                        .repetition = repetition,
                        .seconds = 2};
    MeasuredSeries pins{.name = "pin", .direction = Direction::read, .bytes = 4096 * 100};
    for (int at = 0; at < 100; ++at)
      pins.latency.add(repetition * 1000);
    MeasuredSeries wakes{.name = "last-put-to-wake"};
    wakes.latency.add(5);
    storm.series = {pins, wakes};
    storm.verdict.outcome = Outcome::pass;
    run.measures.push_back(storm);
  }
  const auto files =
      fio_logs(run, {}, {.latency = "l", .bandwidth = "b", .iops = "i", .histogram = "h"});
  const auto rows = rows_of(*text_of(files, "l_clat.1.log"));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(rows[0], ElementsAre(2000, 1000, 0, 0, 0));
  EXPECT_THAT(rows[1], ElementsAre(4000, 2000, 0, 0, 0));
  EXPECT_EQ(rows_of(*text_of(files, "i_iops.1.log"))[1][1], 50U);
  EXPECT_EQ(rows_of(*text_of(files, "b_bw.1.log"))[1][1], 200U);
  EXPECT_EQ(rows_of(*text_of(files, "h_clat_hist.1.log"))[0][3 + Statistics::bucket_of(1000)],
            100U);
}

TEST(FioLog, NothingAskedForIsNothingWritten) {
  EXPECT_FALSE(FioLogOptions{}.any());
  EXPECT_TRUE(fio_logs(sample::stock_run(), {}, {}).empty());
}

}  // namespace
}  // namespace daxbreak
