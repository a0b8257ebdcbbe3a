// SPDX-License-Identifier: GPL-2.0
#include "run/fio_peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace daxbreak {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::array punch{LoadSeries{"punch", Direction::trim},
                           LoadSeries{"refill", Direction::write},
                           LoadSeries{"interval", Direction::none}};
const VersusPair trims{.name = "falloc-punch", .rw = "trimwrite", .direction = Direction::trim};

/// What fio 3.33 writes of a job, cut down to what is read.
std::string job(const std::string& error, const std::string& trim, const std::string& write) {
  return R"({"fio version": "fio-3.33", "jobs": [{"jobname": "x", "error": )" + error +
         R"(, "read": {"total_ios": 0, "io_bytes": 0, "clat_ns": {"min": 0, "max": 0, )"
         R"("mean": 0.0, "stddev": 0.0, "N": 0}}, "write": )" +
         write + R"(, "trim": )" + trim + "}]}";
}

const std::string no_operation =
    R"({"io_bytes": 0, "iops": 0.0, "runtime": 0, "total_ios": 0,
        "clat_ns": {"min": 0, "max": 0, "mean": 0.0, "stddev": 0.0, "N": 0}})";
const std::string three =
    R"({"io_bytes": 12288, "iops": 1.5, "runtime": 2000, "total_ios": 3,
        "clat_ns": {"min": 28772, "max": 70000, "mean": 56313.0, "stddev": 23800.5, "N": 3,
                    "percentile": {"50.000000": 70144}, "bins": {"28800": 1, "70144": 2}}})";

TEST(FioPeer, ReadsTheComparedSeriesFirst) {
  const auto result = read_fio_json(job("0", three, three), trims, punch);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->version, "fio-3.33");
  EXPECT_DOUBLE_EQ(result->seconds, 2.0);
  EXPECT_DOUBLE_EQ(result->iops, 1.5);
  ASSERT_EQ(result->series.size(), 2U);
  EXPECT_EQ(result->series[0].name, "punch");
  EXPECT_EQ(result->series[1].name, "refill");
  const MeasuredSeries& series = result->series[0];
  EXPECT_EQ(series.bytes, 12288U);
  EXPECT_EQ(series.latency.count(), 3U);
  EXPECT_EQ(series.latency.min(), 28772);
  EXPECT_EQ(series.latency.max(), 70000);
  EXPECT_DOUBLE_EQ(series.latency.mean(), 56313.0);
  EXPECT_NEAR(series.latency.stddev(), 23800.5, 1e-6);
  EXPECT_EQ(series.latency.percentile(50), 70144) << "as fio itself says";
}

TEST(FioPeer, DirectionsWithoutOperationsAreLeftOut) {
  const auto result = read_fio_json(job("0", three, no_operation), trims, punch);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->series.size(), 1U);
}

TEST(FioPeer, PassesOverNotesBeforeTheJson) {
  EXPECT_TRUE(read_fio_json(
      "note: both iodepth >= 1 and a synchronous engine {\n" + job("0", three, no_operation), trims,
      punch));
}

TEST(FioPeer, SaysWhatIsWrong) {
  const auto said = [](const std::string& text) {
    const auto result = read_fio_json(text, trims, punch);
    return result ? std::string() : result.error().message();
  };
  EXPECT_THAT(said(""), HasSubstr("no JSON"));
  EXPECT_THAT(said("{\"fio version\": "), HasSubstr("damaged"));
  EXPECT_THAT(said("{}"), HasSubstr("fio version"));
  EXPECT_THAT(said(job("22", three, three)), HasSubstr("Invalid argument"));
  EXPECT_THAT(said(job("0", no_operation, three)), HasSubstr("did nothing"));
  std::string less = three;
  less.replace(less.find("\"70144\": 2"), 10, "\"70144\": 1");
  EXPECT_THAT(said(job("0", less, three)), HasSubstr("2 values in its buckets and 3 in all"));
  std::string wrong = three;
  wrong.replace(wrong.find("\"28800\""), 7, "\"abc\"");
  EXPECT_THAT(said(job("0", wrong, three)), HasSubstr("abc"));
}

TEST(FioPeer, KnowsTheEnginesOfAFio) {
  EXPECT_THAT(parse_engines("fio-3.33\nAvailable IO engines:\n\tcpuio\n\tmmap\n\tdev-dax\n"),
              ElementsAre("cpuio", "mmap", "dev-dax"));
  EXPECT_TRUE(parse_engines("bash: fio: command not found").empty());
}

}  // namespace
}  // namespace daxbreak
