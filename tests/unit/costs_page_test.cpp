// SPDX-License-Identifier: GPL-2.0
#include "report/costs_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "job/measure.h"
#include "report/measure_text.h"
#include "report/measure_words.h"
#include "report_run.h"
#include "result/fit.h"

namespace daxbreak {
namespace {

using testing::HasSubstr;
using testing::Not;

/// costs.job's first storm.
MeasurePoint storm_point() {
  return {.job = "storm",
          .load = "storm",
          .pins = {"vmsplice"},
          .breakers = {"punch-hole"},
          .size = 4UL << 20,
          .iodepth = 4,
          .block_size = 64UL << 10,
          .refault = 0,
          .hold_ns = 2'000'000};
}

MeasureRecord storm(const std::string& kernel, unsigned repetition, std::int64_t ns) {
  const MeasurePoint point = storm_point();
  MeasureRecord record{.kernel = kernel,
                       .job = point.job,
                       .load = point.load,
                       .engine = "daxbreak",
                       .filesystem = point.filesystem,
                       .settings = settings_of(point),
                       .repetition = repetition,
                       .seconds = 1};
  MeasuredSeries pins{.name = "pin", .direction = Direction::read};
  MeasuredSeries breaks{.name = "break", .direction = Direction::trim};
  MeasuredSeries waits{.name = "wake-to-run"};
  for (int i = 0; i < 20; ++i) {
    pins.latency.add(ns / 10);
    breaks.latency.add(ns);
  }
  waits.latency.add(ns / 100);
  record.series = {pins, breaks, waits};
  record.numbers = {{"missed pins", 0},
                    {"observer cost, breaks", repetition == 1 ? -9 : 18},
                    {"scans per break", 1.0 + repetition}};
  record.verdict.outcome = Outcome::pass;
  return record;
}

/// Two repetitions on one kernel; the other one has none that was run.
RunRecord one_point() {
  RunRecord run{.command = "daxbreak run costs", .started = "2026-11-21T01:22:46Z", .seconds = 99};
  run.plan.sections = {{"storm", "references by vmsplice"}};
  run.environments = {
      {.kernel = "fsdax-one",
       .scheme = "fsdax-one",
       .accelerator = "kvm",
       .clock_source = "tsc",
       .pin_costs = {{.memory = "DAX", .ns = 300, .least_ns = 290, .most_ns = 310},
                     {.memory = "anonymous", .ns = 200, .least_ns = 190, .most_ns = 210}}},
      {.kernel = "sid", .version = "7.2.13-1", .scheme = "zero", .accelerator = "kvm"}};
  run.measures = {storm("fsdax-one", 1, 3'000'000), storm("fsdax-one", 2, 4'000'000)};
  for (const unsigned repetition : {1U, 2U}) {
    MeasureRecord skipped = storm("sid", repetition, 1);
    skipped.series.clear();
    skipped.numbers.clear();
    skipped.verdict = {.outcome = Outcome::skip, .reason = "files cannot share blocks here"};
    run.measures.push_back(skipped);
  }
  return run;
}

TEST(CostsPage, OnePointIsOneTableOfQuantities) {
  const RunRecord run = one_point();
  const std::string page = format_costs_page(run, {});
  EXPECT_THAT(page, HasSubstr("Begun 2026-11-21T01:22:46Z; it took 1m39s."));
  EXPECT_THAT(page, HasSubstr("| version | - | 7.2.13-1 |"));
  EXPECT_THAT(page, HasSubstr("| clock source | tsc | - |"));
  EXPECT_THAT(page, Not(HasSubstr("software emulation")));
  EXPECT_THAT(page, HasSubstr("## storm: references by vmsplice\n\nPinners: 2,"));
  const auto groups = measure_groups(run.measures);
  const Spread breaks = latency_of(groups[0], "break", 50);
  EXPECT_THAT(page, HasSubstr(fmt::format("| | fsdax-one | sid (zero) |\n|---|---|---|\n"
                                          "| a break | {}{} | skipped |\n| wake → waiter runs | ",
                                          latency_text(breaks.median), spread_text(breaks))));
  EXPECT_THAT(page, HasSubstr("| breaks/s | 20.0 +-0% | skipped |\n| pins/s | 20.0 +-0% |"));
  EXPECT_THAT(page, HasSubstr("| scans per break | 2.5 (2 to 3) | skipped |\n"
                              "| observer cost, breaks | 4.5% (-9.0% to 18.0%) | skipped |\n\n"));
  EXPECT_THAT(page, Not(HasSubstr("missed pins")));
  EXPECT_THAT(page, HasSubstr("2 repetitions of 1.0s."));
  EXPECT_THAT(page, HasSubstr("| DAX : anonymous | 1.50 | - |"));
}

TEST(CostsPage, WhatDidNotPassSaysWhy) {
  RunRecord run = one_point();
  run.measures[1].verdict = {.outcome = Outcome::inconclusive,
                             .reason = "no break had to wait for a page"};
  const std::string page = format_costs_page(run, {});
  EXPECT_THAT(page,
              HasSubstr("Of 4 measurements (each a repetition of a point) 1 passed, 0 failed, "
                        "1 proved nothing and 2 were not run."));
  EXPECT_THAT(page, HasSubstr("| passed | 1 | 0 |\n| failed | 0 | 0 |\n"
                              "| inconclusive | 1 | 0 |\n| skipped | 0 | 2 |"));
  EXPECT_THAT(page, HasSubstr("- 2 times skip: files cannot share blocks here (sid: 2)\n"
                              "- 1 time inconclusive: no break had to wait for a page "
                              "(fsdax-one: 1)\n"));
  EXPECT_THAT(page, HasSubstr("| scans per break | 2.5 (2 to 3) ? | skipped |"));
}

TEST(CostsPage, ReasonsThatDifferInNumbersAreOne) {
  RunRecord run = one_point();
  const auto warn = [&](std::size_t at, const std::string& where) {
    run.measures[at].verdict = {
        .outcome = Outcome::fail,
        .findings = {{.kind = "kernel-warning", .sentence = "WARNING: " + where}}};
  };
  warn(0, "CPU: 0 PID: 96 at fs/dax.c:372 f+0x4b/0xa0");
  warn(1, "CPU: 1 PID: 1446 at fs/dax.c:372 f+0x4b/0xa0");
  warn(2, "CPU: 1 PID: 1446 at fs/dax.c:452 f+0x4b/0xa0");
  const std::string page = format_costs_page(run, {});
  EXPECT_THAT(page, HasSubstr("- 2 times kernel-warning: WARNING: CPU: 0 PID: 96 at fs/dax.c:372 "
                              "f+0x4b/0xa0 (fsdax-one: 2)\n"));
  EXPECT_THAT(page,
              HasSubstr("- 1 time kernel-warning: WARNING: CPU: 1 PID: 1446 at fs/dax.c:452"));
  // Nothing is left that has a figure.
  EXPECT_THAT(page, Not(HasSubstr("| a break |")));
}

TEST(CostsPage, ASweepHasATableForEachQuantity) {
  const RunRecord run = sample::report_run();
  const std::string page = format_costs_page(run, {});
  EXPECT_THAT(page, HasSubstr("**All times are those of software emulation (tcg)**"));
  EXPECT_THAT(page, HasSubstr("Of 72 measurements (each a repetition of a point) 71 passed, 1 "
                              "failed, 0 proved nothing and 0 were not run."));
  EXPECT_THAT(page, HasSubstr("## mapped\n\n`storm` on ext4, mapped by pages of 4k; 3 repetitions "
                              "of 2.0s.\n\n**a break**\n\n| `mapped` | 5.10 (devmap-one) | "
                              "6.1 (fsdax-one) | 6.12 (fsdax-one) | 7.2 (zero) |\n"));
  const auto groups = measure_groups(run.measures);
  const Spread breaks = latency_of(groups[0], "break", 50);
  EXPECT_THAT(page, HasSubstr(fmt::format("\n| 4k | {}{} | ", latency_text(breaks.median),
                                          spread_text(breaks))));
  EXPECT_THAT(page, HasSubstr("**spurious wakeups per break**\n\n"));
  EXPECT_THAT(page, HasSubstr("| 256m | 6 (3 to 9) | 6 (3 to 9) | 6 (3 to 9) | 6 (3 to 9) |\n"
                              "| 1g | 6 (3 to 9) | 6 (3 to 9) | 6 (3 to 9) | 4.5 (3 to 6) ? |\n"));
  EXPECT_THAT(page, HasSubstr("- 1 time stuck: a breaker did not end (7.2 mapped=1g: 1)\n"));
  const auto curves = curves_of(groups, "break");
  ASSERT_EQ(curves.size(), 4U);
  ASSERT_TRUE(curves[0].fit);
  EXPECT_THAT(page,
              HasSubstr(fmt::format("| a break, per page | {} ({}) | ", line_text(*curves[0].fit),
                                    quality_text(*curves[0].fit))));
}

TEST(CostsPage, PointsAreInTheOrderOfTheirNumbers) {
  RunRecord run = sample::report_run();
  std::reverse(run.measures.begin(), run.measures.end());
  const std::string page = format_costs_page(run, {});
  std::size_t last = 0;
  for (const char* row :
       {"\n| 4k |", "\n| 64k |", "\n| 1m |", "\n| 16m |", "\n| 256m |", "\n| 1g |"}) {
    const std::size_t at = page.find(row);
    ASSERT_NE(at, std::string::npos) << row;
    EXPECT_GT(at, last) << row;
    last = at;
  }
}

TEST(CostsPage, ARunWithoutMeasurementsSaysSo) {
  RunRecord run = sample::stock_run();
  EXPECT_THAT(format_costs_page(run, {}), HasSubstr("Nothing was measured"));
}

TEST(MeasureWords, AStormInASentence) {
  MeasureRecord record = storm("6.12", 1, 1);
  EXPECT_EQ(
      setup_words(record, {}),
      "Pinners: 2, each of which takes 4 pieces of 64k by vmsplice, holds them for 2.00 ms and "
      "pauses for 1.00 ms; breakers: 1, by punch-hole of 64k; 1 file of 4m on ext4, mapped by "
      "pages of 4k; nobody touches a file while a break waits (`refault=0`)");
  MeasurePoint point = storm_point();
  point.pins_per_page = 16;
  point.think_ns = 10'000'000;
  record.settings = settings_of(point);
  const std::string text = setup_words(record, {{"breakers", {"1", "2", "4"}}});
  EXPECT_THAT(text, HasSubstr("by vmsplice with 16 references on each page,"));
  EXPECT_THAT(text, HasSubstr("breakers: 1/2/4, by punch-hole of 64k, each after a pause of 10.0 "
                              "ms; 1 file"));
}

TEST(MeasureWords, APlainLoadIsWhatItsHelpSays) {
  const MeasurePoint point{.job = "mapped", .load = "break-truncate", .size = 1UL << 30};
  MeasureRecord record{.job = point.job, .load = point.load, .filesystem = "ext4"};
  record.settings = settings_of(point);
  EXPECT_EQ(setup_words(record, {{"mapped", {"4k", "1m"}}}),
            "`break-truncate`: mapped bytes are faulted in, then ftruncate(2) cuts the last bs off "
            "(the cut is timed); `bs` 4k; 1 thread; 1 file of 1g on ext4, mapped by pages of 4k, "
            "4k/1m of it");
}

}  // namespace
}  // namespace daxbreak
