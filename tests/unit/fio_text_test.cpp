// SPDX-License-Identifier: GPL-2.0
#include "report/fio_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sample_run.h"

namespace daxbreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(FioText, LatencyLinesAreFios) {
  // fio 3.33: "    clat (nsec): min=0, max=9604, ..." and its percentile table.
  Statistics values;
  for (std::int64_t i = 0; i < 100; ++i)
    values.add(i);
  const std::string text = format_latency("clat", values, true);
  EXPECT_THAT(text, HasSubstr("    clat (nsec): min=    0, max=   99, avg=49.50, stdev=29.01\n"
                              "    clat percentiles (nsec):\n"
                              "     |  1.00th=[    0],  5.00th=[    4], 10.00th=[    9], "
                              "20.00th=[   19],\n"));
  EXPECT_THAT(text, HasSubstr("\n     | 99.99th=[   99]\n"));
  EXPECT_EQ(format_latency("clat", {}, true), "");
}

TEST(FioText, UnitSuitsTheValues) {
  EXPECT_THAT(format_latency("x", statistics_of(std::vector<std::int64_t>{5'000, 200'000}), false),
              HasSubstr("x (usec): min=    5, max=  200"));
  EXPECT_THAT(
      format_latency("x", statistics_of(std::vector<std::int64_t>{5'000'000, 200'000'000}), false),
      HasSubstr("x (msec): min=    5, max=  200"));
}

TEST(FioText, OneBlockForEachKernel) {
  const std::string text = format_fio_text(sample::stock_run(), {}, GroupBy::kernel, {});
  EXPECT_THAT(text, HasSubstr("6.1: (groupid=1, jobs=192): err=156: fsdax-one, 6.1.192-2 (tcg: "
                              "timings under software emulation)\n  trim: IOPS="));
  EXPECT_THAT(text, HasSubstr("    wake percentiles (usec):\n"));
  EXPECT_THAT(text, HasSubstr("  verdicts     : pass=36, fail=156, inconclusive=0, skip=24\n"));
  EXPECT_THAT(text, HasSubstr("  poked        : 96, not in these times"));
}

TEST(FioText, UglyRunsDoNotBreakIt) {
  EXPECT_EQ(format_fio_text({}, {}, GroupBy::kernel, {}), "");
  RunRecord run;
  const Cell cell{.kernel = "6.1", .filesystem = "xfs", .pin = "p", .breaker = "b"};
  run.trials = {sample::skipped(cell, 0, "no xfs")};
  EXPECT_EQ(format_fio_text(run, {}, GroupBy::kernel, {}), "");
  TrialRecord bare{.timeline = {.cell = cell}};  // inconclusive, nothing measured, no environment
  run.trials = {bare};
  const std::string text = format_fio_text(run, {}, GroupBy::kernel_and_pin, {});
  EXPECT_THAT(text, HasSubstr("6.1/p: (groupid=0, jobs=1)"));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
  EXPECT_THAT(text, Not(HasSubstr("trim")));
}

}  // namespace
}  // namespace daxbreak
