// SPDX-License-Identifier: GPL-2.0
#include "report/fio_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/command.h"
#include "base/file.h"
#include "result/statistics.h"
#include "sample_run.h"

namespace daxbreak {
namespace {

using Json = nlohmann::ordered_json;

/// fio's t/latency_percentiles.py, check_jsonplus(): the histogram and the figures must agree.
void check_latency(const Json& latency, const std::string& where) {
  const auto count = latency.at("N").get<std::uint64_t>();
  if (count == 0) {
    EXPECT_FALSE(latency.contains("bins")) << where;
    EXPECT_FALSE(latency.contains("percentile")) << where;
    return;
  }
  std::uint64_t sum = 0;
  std::int64_t low = -1;
  std::int64_t high = 0;
  std::map<std::int64_t, std::uint64_t> bins;
  for (const auto& [key, number] : latency.at("bins").items()) {
    bins[std::stoll(key)] = number.get<std::uint64_t>();
    sum += number.get<std::uint64_t>();
    if (low < 0) low = std::stoll(key);
    high = std::stoll(key);
  }
  EXPECT_EQ(sum, count) << where;
  const auto near = [](std::int64_t bin, std::int64_t value) {
    return std::abs(static_cast<double>(bin - value)) <= static_cast<double>(value) / 128;
  };
  EXPECT_TRUE(near(low, latency.at("min").get<std::int64_t>())) << where;
  EXPECT_TRUE(near(high, latency.at("max").get<std::int64_t>())) << where;
  EXPECT_EQ(latency.at("percentile").size(), Statistics::default_percentiles.size());
  for (const auto& [key, value] : latency.at("percentile").items()) {
    const double wanted = std::stod(key) / 100 * static_cast<double>(count);
    std::uint64_t reached = 0;
    for (const auto& [bin, number] : bins) {
      reached += number;
      if (static_cast<double>(reached) >= wanted) {
        EXPECT_EQ(bin, value.get<std::int64_t>()) << where << " " << key;
        break;
      }
    }
  }
}

TEST(FioJson, HistogramsAgreeWithTheirFigures) {
  const Json json = fio_json(sample::stock_run(), {}, true);
  ASSERT_EQ(json.at("jobs").size(), 4U * 6 * 2);
  for (const Json& job : json.at("jobs"))
    for (const char* direction : {"read", "write", "trim"})
      for (const char* latency : {"slat_ns", "clat_ns", "lat_ns"})
        check_latency(job.at(direction).at(latency),
                      job.at("jobname").get<std::string>() + " " + direction + " " + latency);
}

TEST(FioJson, BreaksAreTrimsAndPinsAreNot) {
  const Json json = fio_json(sample::stock_run(), {}, false);
  const Json& pin = json.at("jobs").at(2);
  EXPECT_EQ(pin.at("jobname"), "5.10/odirect-read/pin");
  EXPECT_GT(pin.at("read").at("total_ios"), 0);
  EXPECT_EQ(pin.at("trim").at("total_ios"), 0);
  EXPECT_EQ(pin.at("job options").at("rw"), "read");
  const Json& breaking = json.at("jobs").at(3);
  EXPECT_EQ(breaking.at("jobname"), "5.10/odirect-read/break");
  EXPECT_GT(breaking.at("trim").at("total_ios"), 0);
  EXPECT_EQ(breaking.at("write").at("total_ios"), 0);
  EXPECT_EQ(breaking.at("daxbreak").at("scheme"), "devmap-one");
  EXPECT_GT(breaking.at("daxbreak").at("wake_ns").at("N"), 0);
  EXPECT_FALSE(breaking.at("trim").at("clat_ns").contains("bins")) << "bins without json+";
  EXPECT_TRUE(breaking.at("trim").at("clat_ns").at("percentile").contains("99.000000"));
}

TEST(FioJson, HasEveryKeyOfTheSchema) {
  const Json json = fio_json(sample::stock_run(), {}, true);
  for (const char* key : {"fio version", "timestamp", "timestamp_ms", "time", "global options",
                          "jobs", "disk_util", "daxbreak"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_EQ(json.at("timestamp"), 1795224166);
  EXPECT_EQ(json.at("time"), "Sat Nov 21 01:22:46 2026");
  const Json& job = json.at("jobs").at(0);
  for (const char* key : {"jobname",
                          "groupid",
                          "error",
                          "eta",
                          "elapsed",
                          "job options",
                          "read",
                          "write",
                          "trim",
                          "sync",
                          "job_runtime",
                          "usr_cpu",
                          "sys_cpu",
                          "ctx",
                          "majf",
                          "minf",
                          "iodepth_level",
                          "iodepth_submit",
                          "iodepth_complete",
                          "latency_ns",
                          "latency_us",
                          "latency_ms",
                          "latency_depth",
                          "latency_target",
                          "latency_percentile",
                          "latency_window"})
    EXPECT_TRUE(job.contains(key)) << key;
  for (const char* key : {"rw", "bs", "iodepth", "numjobs"})
    EXPECT_TRUE(job.at("job options").contains(key)) << key;
  EXPECT_EQ(json.at("daxbreak").at("trials").size(), 864U);
}

TEST(FioJson, LatencyDecadesSumToAllOfThem) {
  const Json json = fio_json(sample::stock_run(), {}, true);
  for (const Json& job : json.at("jobs")) {
    double sum = 0;
    for (const char* decade : {"latency_ns", "latency_us", "latency_ms"})
      for (const auto& [mark, percent] : job.at(decade).items())
        sum += percent.get<double>();
    const bool any = job.at("read").at("total_ios") > 0 || job.at("write").at("total_ios") > 0 ||
                     job.at("trim").at("total_ios") > 0;
    EXPECT_NEAR(sum, any ? 100 : 0, 1e-6) << job.at("jobname");
  }
}

TEST(FioJson, UglyRunsStayFiniteAndReadable) {
  RunRecord run{.started = "yesterday", .seconds = std::numeric_limits<double>::quiet_NaN()};
  EXPECT_TRUE(Json::accept(format_fio_json(run, {}, true)));
  const Cell cell{.kernel = "6.1\xff", .filesystem = "xfs", .pin = "p", .breaker = "b"};
  run.trials = {TrialRecord{.timeline = {.cell = cell}}};
  run.phases["boot"] = std::numeric_limits<double>::infinity();
  const std::string text = format_fio_json(run, {}, true);
  ASSERT_TRUE(Json::accept(text));
  EXPECT_EQ(Json::parse(text).at("daxbreak").at("phases").at("boot"), 0.0);
}

/// Debian's fio package brings the converter that most people read json+ with.
TEST(FioJson, FiosOwnConverterAcceptsIt) {
  if (find_program("fio_jsonplus_clat2csv").empty() || find_program("python3").empty())
    GTEST_SKIP() << "fio_jsonplus_clat2csv or python3 is not installed";
  if (auto six = run_command({"python3", "-c", "import six"}, Nanos(20'000'000'000));
      !six || six->exit_status != 0)
    GTEST_SKIP() << "python3-six is not installed";
  std::string name = (std::filesystem::temp_directory_path() / "daxbreak-test-XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const std::filesystem::path directory = name;
  RunRecord run = sample::stock_run();
  std::erase_if(run.trials,
                [](const TrialRecord& trial) { return trial.timeline.cell.kernel != "6.1"; });
  const std::string in = (directory / "run.json").string();
  const std::string out = (directory / "run.csv").string();
  ASSERT_TRUE(write_file(in, format_fio_json(run, {}, true)));
  auto converted = run_command({"fio_jsonplus_clat2csv", in, out}, Nanos(30'000'000'000));
  ASSERT_TRUE(converted) << converted.error().message();
  EXPECT_EQ(converted->exit_status, 0) << converted->text;
  auto validated =
      run_command({"fio_jsonplus_clat2csv", "--validate", in, out}, Nanos(30'000'000'000));
  ASSERT_TRUE(validated) << validated.error().message();
  EXPECT_EQ(validated->exit_status, 0) << validated->text;
  EXPECT_THAT(validated->text, ::testing::HasSubstr("run_job0.csv validated"));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace daxbreak
