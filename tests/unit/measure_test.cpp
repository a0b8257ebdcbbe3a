// SPDX-License-Identifier: GPL-2.0
// Sections with load=, their points, records of measurements, and what is made of them.
#include "job/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job/expand.h"
#include "job/job_file.h"
#include "lab/protocol.h"
#include "report/fio_json.h"
#include "report/measure_table.h"
#include "result/fit.h"
#include "result/observed.h"
#include "result/saved_run.h"
#include "result/stream.h"
#include "run/measure_run.h"
#include "workloads/storm/storm.h"

namespace daxbreak {
namespace {

using testing::HasSubstr;

Result<std::vector<Job>> load(const std::string& text, const std::vector<Override>& keys = {}) {
  const IniSources sources{
      .read = [&](const std::filesystem::path&) { return Result<std::string>(text); },
      .variable = [](const std::string&) { return std::optional<std::string>(); }};
  return load_jobs("m.job", keys, Vocabulary::registered(), sources);
}

std::string complaint(const std::string& text) {
  const auto jobs = load(text);
  return jobs ? "none" : jobs.error().message();
}

TEST(MeasureJob, ListsBecomePoints) {
  const auto jobs = load(
      "[global]\nfilesystem=ext4\ndisturber=none\nruntime=2\n"
      "[s]\nload=storm\npin=vmsplice\nbreaker=punch-hole,truncate\npinners=1,4\nsize=4m\n"
      "mapped=64k,50%\nramp_time=500ms\nrepeat=3\n");
  ASSERT_TRUE(jobs) << jobs.error().message();
  const Expansion all = expand_jobs(*jobs, "6.12");
  EXPECT_TRUE(all.cells.empty());
  ASSERT_EQ(all.measures.size(), 8U);
  const MeasurePoint& last = all.measures.back();
  EXPECT_EQ(last.kernel, "6.12");
  EXPECT_EQ(last.mapped, 2UL << 20);
  EXPECT_EQ(last.pinner_count, 4U);
  EXPECT_EQ(last.repetitions, 3U);
  EXPECT_EQ(last.runtime, std::chrono::seconds(2));
  EXPECT_EQ(last.swept, (std::map<std::string, std::string>{
                            {"breaker", "truncate"}, {"mapped", "50%"}, {"pinners", "4"}}));
  EXPECT_EQ(runtime_of(*jobs), Nanos::zero());
}

TEST(MeasureJob, MixedKindsShareAStorm) {
  const auto jobs = load("[s]\nload=storm\nfilesystem=xfs\npin=vmsplice,odirect-read\nmix=1\n");
  ASSERT_TRUE(jobs) << jobs.error().message();
  const Expansion all = expand_jobs(*jobs, "k");
  ASSERT_EQ(all.measures.size(), 1U);
  EXPECT_EQ(all.measures[0].pins, (std::vector<std::string>{"vmsplice", "odirect-read"}));
  EXPECT_TRUE(all.measures[0].swept.empty());
}

TEST(MeasureJob, SwitchesWinAndCellsStayCells) {
  const auto jobs = load("[c]\npin=vmsplice\nbreaker=truncate\n[s]\nload=storm\npinners=2\n",
                         {{"pinners", "1,2,3"}});
  ASSERT_TRUE(jobs) << jobs.error().message();
  EXPECT_FALSE(jobs->front().measures());
  EXPECT_EQ(expand_jobs(std::span(*jobs).subspan(1), "k").measures.size(), 2U * 3);
}

TEST(MeasureJob, BadInputNamesThePlaceAndTheCure) {
  EXPECT_EQ(complaint("[s]\nload=strom\n"),
            "m.job:2:6: no load is called \"strom\"; did you mean \"storm\"?");
  EXPECT_EQ(complaint("[s]\nload=storm\npinners=2,x\n"), "m.job:3:11: \"x\" is no whole number");
  EXPECT_EQ(complaint("[s]\nload=storm\npinners=1000\n"),
            "m.job:3:9: pinners=1000 makes no sense; it is 0 to 256");
  EXPECT_EQ(complaint("[s]\nload=storm\ndisturber=munmap\n"),
            "m.job:3:1: disturber is about cells, and a section with load= has none; remove it");
  EXPECT_EQ(complaint("[c]\npin=vmsplice\nbreaker=truncate\npinners=2\n"),
            "m.job:4:1: pinners is about measurements; write load=storm too, or another load");
  EXPECT_THAT(complaint("[s]\nload=storm\nsize=1m\nmapped=2m\n"), HasSubstr("write size=2m"));
  EXPECT_THAT(complaint("[s]\nload=storm\nfilesystem=devdax\n"), HasSubstr("device-dax has none"));
  EXPECT_THAT(complaint("[s]\nload=storm\nmapped=101%\n"), HasSubstr("1% to 100%"));
}

/// A storm of clones that can be had, and what makes it one that cannot.
std::string clone_complaint(const std::string& keys) {
  return complaint("[s]\nload=storm\nfilesystem=xfs\npagesize=4k\nrefault=0\n" + keys);
}

TEST(MeasureJob, BreakersOfClonesWantSharedBlocksLeftShared) {
  EXPECT_EQ(clone_complaint("pin=vmsplice\nbreaker=punch-clone\nbreakers=1,8\nfiles=1\n"), "none");
  EXPECT_EQ(clone_complaint("breaker=punch-clone\npinners=0\n"), "none");
  EXPECT_THAT(complaint("[s]\nload=storm\nfilesystem=ext4\nrefault=0\nbreaker=punch-clone\n"),
              HasSubstr("share blocks, which ext4 has not; write filesystem=xfs"));
  EXPECT_THAT(complaint("[s]\nload=storm\nfilesystem=xfs\nbreaker=punch-clone\n"),
              HasSubstr("punch-clone needs refault=0"));
  EXPECT_THAT(complaint("[s]\nload=storm\nfilesystem=xfs\npagesize=2m\nsize=64m\nbs=2m\n"
                        "refault=0\nbreaker=punch-clone\n"),
              HasSubstr("write pagesize=4k"));
  // Pins that write give the file blocks of its own; FOLL_PIN is not granted on shared ones.
  for (const char* pin : {"odirect-read", "odirect-write", "io-uring"})
    EXPECT_THAT(clone_complaint(std::string("breaker=punch-clone\npin=") + pin + "\n"),
                HasSubstr("write pin=vmsplice"))
        << pin;
  EXPECT_THAT(clone_complaint("breaker=punch-clone,punch-hole\nmix=1\n"),
              HasSubstr("punch-hole gives the file blocks of its own"));
  EXPECT_EQ(clone_complaint("breaker=punch-clone,punch-hole\n"), "none");
}

TEST(MeasurePoint, KnowsWhetherItsBreakersBreakClones) {
  EXPECT_TRUE(breaks_clones({.load = "storm", .breakers = {"punch-clone"}}));
  EXPECT_FALSE(breaks_clones({.load = "storm", .breakers = {"punch-hole", "truncate"}}));
  EXPECT_FALSE(breaks_clones({.load = "pin"}));
  EXPECT_NE(clone_path("/mnt/xfs/f", 0), clone_path("/mnt/xfs/f", 1));
  EXPECT_TRUE(clone_path("/mnt/xfs/f", 3).starts_with("/mnt/xfs/f"));
}

TEST(MeasurePoint, ClonesNeedEntriesThatHoldNothing) {
  const MeasurePoint clones{.load = "storm", .filesystem = "xfs", .breakers = {"punch-clone"}};
  const DaxDirectory nowhere{.path = "/no/such/directory", .filesystem = "xfs"};
  EXPECT_THAT(why_not_here(clones, nowhere, {.name = "map-counted", .per_entry = 1}),
              HasSubstr("does not become idle under map-counted"));
  EXPECT_THAT(why_not_here(clones, nowhere, {.name = "zero"}), HasSubstr("cannot share blocks"));
  const MeasurePoint holes{.load = "storm", .filesystem = "xfs", .breakers = {"punch-hole"}};
  EXPECT_EQ(why_not_here(holes, nowhere, {.name = "map-counted", .per_entry = 1}), "");
}

TEST(MeasureJob, ValuesArePartOfTheFingerprintButNotTheKernel) {
  const auto print = [](const std::string& keys, const std::string& kernel = "6.12") {
    const auto jobs = load("[s]\nload=storm\nfilesystem=ext4\npin=vmsplice\n" + keys);
    EXPECT_TRUE(jobs) << jobs.error().message();
    return jobs ? fingerprint_of(expand_jobs(*jobs, kernel)) : 0;
  };
  const auto plain = print("pinners=2\n");
  EXPECT_EQ(print("pinners=2\n", "6.1"), plain);
  for (const char* keys : {"pinners=4\n", "mapped=64k\n", "hold=1ms\n", "size=32m\n", "runtime=9\n",
                           "repeat=2\n", "ramp_time=2s\n", "thinktime=5us\n"})
    EXPECT_NE(print(keys), plain) << keys;
}

TEST(MeasureJob, SettingsAreAllValues) {
  MeasurePoint point{.load = "storm", .pins = {"vmsplice", "libaio"}, .breakers = {"truncate"}};
  point.swept = {{"mapped", "50%"}};
  point.mapped = 1UL << 20;
  const auto settings = settings_of(point);
  EXPECT_EQ(settings.at("pin"), "vmsplice+libaio");
  EXPECT_EQ(settings.at("breaker"), "truncate");
  EXPECT_EQ(settings.at("mapped"), "1048576");
  EXPECT_EQ(settings.at("size"), "16777216");
  EXPECT_EQ(settings.at("pinners"), "2");
  EXPECT_EQ(settings.size(), sweep_keys().size() + 3);
}

TEST(MeasurePlan, TravelsIntoAGuest) {
  Plan plan;
  MeasurePoint point{.kernel = "sid", .job = "s", .load = "storm", .pins = {"vmsplice"}};
  point.swept = {{"mapped", "1m"}};
  point.mapped = 1UL << 20;
  point.observe = Observe::yes;
  plan.cells.push_back({.index = 7, .cell = {.filesystem = "xfs"}, .measure = point});
  const auto back = plan_from_json(plan_to_json(plan));
  ASSERT_TRUE(back) << back.error().message();
  ASSERT_TRUE(back->cells.at(0).measure);
  const MeasurePoint& read = *back->cells[0].measure;
  EXPECT_EQ(read.swept, point.swept);
  EXPECT_EQ(read.mapped, point.mapped);
  EXPECT_EQ(read.pins, point.pins);
  EXPECT_EQ(read.observe, Observe::yes);
  EXPECT_EQ(read.ramp, point.ramp);
}

TEST(MeasurePlan, TakesEveryNumberAlong) {
  MeasurePoint point{.kernel = "sid", .job = "s", .load = "storm"};
  std::vector<std::uint64_t MeasurePoint::*> fields{
      find_sweep_key("size")->field, &MeasurePoint::page_size,   &MeasurePoint::loops,
      &MeasurePoint::random,         &MeasurePoint::repetitions, &MeasurePoint::seed};
  for (const SweepKey& key : sweep_keys())
    fields.push_back(key.field);
  std::uint64_t value = 1000;  // nobody's default
  for (const auto field : fields)
    point.*field = ++value;
  Plan plan;
  plan.cells.push_back({.measure = point});
  const auto back = plan_from_json(plan_to_json(plan));
  ASSERT_TRUE(back) << back.error().message();
  for (const auto field : fields)
    EXPECT_EQ(back->cells.at(0).measure.value().*field, point.*field) << point.*field - 1000;
}

MeasureRecord record_of(unsigned repetition, const std::string& mapped, std::int64_t ns) {
  MeasureRecord record{
      .kernel = "6.12", .job = "s", .load = "storm", .engine = "daxbreak", .filesystem = "ext4"};
  record.point = {{"mapped", mapped}};
  record.repetition = repetition;
  record.seconds = 2;
  MeasuredSeries breaks{
      .name = "break", .direction = Direction::trim, .bytes = 8192, .latency = {}};
  breaks.latency.add(ns);
  breaks.latency.add(ns);
  record.series.push_back(breaks);
  record.numbers["scans per break"] = 1.5;
  record.verdict.outcome = Outcome::pass;
  return record;
}

TEST(MeasureRecords, SurviveTheStream) {
  MeasureRecord record = record_of(3, "4k", 12345);
  record.settings = {{"bs", "4096"}, {"pin", "vmsplice+libaio"}};
  record.series[0].latency.add(99);
  record.verdict.outcome = Outcome::fail;
  record.verdict.findings.push_back({.kind = "lost-wakeup", .sentence = "x", .evidence = {"y"}});
  const auto back = measure_from_json(*parse_json(to_line(to_json(record))));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(to_json(*back), to_json(record));
  EXPECT_EQ(back->settings, record.settings);
  const auto unsaid = measure_from_json(to_json(record_of(3, "4k", 12345)));
  ASSERT_TRUE(unsaid) << unsaid.error().message();
  EXPECT_TRUE(unsaid->settings.empty());
  const Statistics& latency = back->series.at(0).latency;
  EXPECT_EQ(latency.count(), 3U);
  EXPECT_EQ(latency.min(), 99);
  EXPECT_DOUBLE_EQ(latency.stddev(), record.series[0].latency.stddev());

  RunRecord run;
  run.measures = {record};
  const auto whole = run_from_json(to_json(run));
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->measures.size(), 1U);
  RunRecord streamed;
  ASSERT_TRUE(add_line(streamed, to_json(record)));
  EXPECT_EQ(streamed.measures.size(), 1U);
}

TEST(MeasureRecords, BrokenOnesAreErrors) {
  Json json = to_json(record_of(1, "4k", 1));
  json["series"][0]["latency"]["bins"][0][0] = Statistics::buckets;
  EXPECT_FALSE(measure_from_json(json));
}

TEST(Fit, FindsALineAndNothingElse) {
  const std::vector<std::pair<double, double>> line{{1, 103}, {10, 130}, {1000, 3100}};
  const auto fit = fit_line(line);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->a, 100, 1e-6);
  EXPECT_NEAR(fit->b, 3, 1e-9);
  EXPECT_NEAR(fit->r2, 1, 1e-9);
  EXPECT_FALSE(fit_line(std::vector<std::pair<double, double>>{{5, 1}, {5, 2}}));
  EXPECT_FALSE(fit_line(std::vector<std::pair<double, double>>{{1, 0}, {5, 2}}));
  EXPECT_FALSE(fit_line(std::vector<std::pair<double, double>>{}));
}

TEST(Fit, MediansAndSpreads) {
  EXPECT_EQ(median_of({}), 0);
  EXPECT_EQ(median_of({3, 1, 2}), 2);
  EXPECT_EQ(median_of({4, 1, 2, 3}), 2.5);
  EXPECT_DOUBLE_EQ(spread_of({90, 100, 110}).percent(), 10);
  EXPECT_EQ(spread_of({90, 100, 110}).values, 3U);
  EXPECT_EQ(spread_of({}).values, 0U);
}

RunRecord sweep() {
  RunRecord run;
  run.environments.push_back({.kernel = "6.12", .scheme = "fsdax-one", .accelerator = "tcg"});
  for (const auto& [mapped, ns] :
       std::vector<std::pair<std::string, std::int64_t>>{{"4k", 1010}, {"64k", 1160}, {"1m", 3560}})
    for (unsigned repetition = 1; repetition <= 3; ++repetition)
      run.measures.push_back(record_of(repetition, mapped, ns));
  return run;
}

TEST(Fit, CurvesOfASweep) {
  const RunRecord run = sweep();
  const auto groups = measure_groups(run.measures);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].repetitions.size(), 3U);
  EXPECT_DOUBLE_EQ(rate_of(groups[0], "break").median, 1);
  const auto curves = curves_of(groups, "break");
  ASSERT_EQ(curves.size(), 1U);
  EXPECT_EQ(curves[0].unit, "page");
  EXPECT_EQ(curves[0].points.back().first, 256);
  ASSERT_TRUE(curves[0].fit);
  EXPECT_NEAR(curves[0].fit->b, 10, 0.2);
  EXPECT_NEAR(curves[0].fit->a, 1000, 15);
}

TEST(Fit, FailedRepetitionsHaveNoFigures) {
  RunRecord run = sweep();
  run.measures[0].verdict.outcome = Outcome::fail;
  run.measures[0].seconds = 1;
  run.measures[0].series[0].latency.add(900000);
  run.measures[0].numbers["scans per break"] = 9;
  const auto groups = measure_groups(run.measures);
  EXPECT_DOUBLE_EQ(rate_of(groups[0], "break").most, 1);
  EXPECT_LT(latency_of(groups[0], "break", 99).most, 2000);
  EXPECT_EQ(number_of(groups[0], "scans per break")->most, 1.5);
  EXPECT_EQ(number_of(groups[0], "scans per break")->values, 2U);
}

TEST(Fit, WhereNoBreakStarvedThereAreNone) {
  RunRecord run = sweep();
  run.measures[0].numbers["starved breaks"] = 3;
  const auto groups = measure_groups(run.measures);
  const auto starved = number_of(groups[0], "starved breaks");
  ASSERT_TRUE(starved);
  EXPECT_EQ(starved->values, 3U);
  EXPECT_EQ(starved->median, 0);
  EXPECT_EQ(starved->most, 3);
  EXPECT_FALSE(number_of(groups[1], "starved breaks")) << "of which nobody speaks";
}

TEST(MeasureTable, SaysRatesVerdictsAndLines) {
  RunRecord run = sweep();
  run.measures[1].verdict.outcome = Outcome::fail;
  run.measures[1].verdict.findings.push_back(
      {.kind = "stuck", .sentence = "it slept", .evidence = {}});
  const std::string text = format_measures(run, {}, {});
  EXPECT_THAT(text, HasSubstr("6.12 ext4 4k storm [s] mapped=4k: 3 repetitions, fsdax-one (tcg"));
  EXPECT_THAT(text, HasSubstr("break: IOPS=1.00/s"));
  EXPECT_THAT(text, HasSubstr("scans per break=1.5"));
  EXPECT_THAT(text, HasSubstr("stuck: it slept"));
  EXPECT_THAT(text, HasSubstr("Lines through the sweeps"));
  EXPECT_THAT(text, HasSubstr("for each page"));
  EXPECT_EQ(format_measures(RunRecord{}, {}, {}), "");
}

TEST(MeasureTable, FioJsonHasAJobForEachRepetition) {
  RunRecord run = sweep();
  run.measures[0].settings = {{"bs", "65536"}, {"iodepth", "8"}, {"numjobs", "2"}};
  run.measures[1].settings = run.measures[0].settings;
  run.measures[1].point["bs"] = "64K";
  const Json json = fio_json(run, {}, true);
  ASSERT_EQ(json.at("jobs").size(), 9U);
  const Json& job = json.at("jobs")[0];
  EXPECT_EQ(job.at("job options").at("bs"), "64k");
  EXPECT_EQ(job.at("job options").at("iodepth"), "8");
  EXPECT_EQ(job.at("job options").at("numjobs"), "2");
  EXPECT_EQ(json.at("jobs")[1].at("job options").at("bs"), "64K");
  EXPECT_EQ(json.at("jobs")[2].at("job options").at("bs"), "4k");
  EXPECT_EQ(job.at("trim").at("total_ios"), 2);
  EXPECT_EQ(job.at("trim").at("clat_ns").at("N"), 2);
  EXPECT_EQ(job.at("read").at("total_ios"), 0);
  EXPECT_FALSE(job.at("read").at("clat_ns").contains("bins"));
}

TEST(Observed, CostIsWhatOperationsLost) {
  MeasureRecord plain = record_of(1, "4k", 10);
  MeasureRecord seen = plain;
  seen.seconds = 2.5;
  seen.numbers["scans"] = 6;
  per_break(seen);
  EXPECT_EQ(seen.numbers.at("scans per break"), 3);
  seen.series.push_back({.name = "wake-to-run", .latency = {}});
  plain.numbers.clear();
  add_observed(plain, seen);
  EXPECT_NEAR(plain.numbers.at("observer cost, breaks"), 20, 1e-9);
  EXPECT_EQ(plain.numbers.at("scans per break"), 3);
  EXPECT_EQ(plain.series.size(), 2U);
}

TEST(Observed, WhatIsMissingIsTakenAndNothingElse) {
  MeasureRecord one = record_of(1, "4k", 10);
  MeasureRecord other = record_of(1, "4k", 99);
  one.numbers = {{"scans per break", 2}};
  other.numbers = {{"scans per break", 7}, {"waiters at a wake", 3}, {"starved breaks", 1}};
  other.series.push_back({.name = "wake-to-run", .latency = {}});
  const auto count = one.series.front().latency.count();
  add_missing(one, other);
  EXPECT_EQ(one.numbers,
            (std::map<std::string, double>{{"scans per break", 2}, {"waiters at a wake", 3}}));
  EXPECT_EQ(one.series.size(), 2U);
  EXPECT_EQ(one.series.front().latency.count(), count);
}

TEST(Observed, WaitersAreThoseOfEachWake) {
  MeasureRecord seen = record_of(1, "4k", 10);
  seen.numbers = {{"wakes", 4}, {"waiters", 14}};
  per_break(seen);
  EXPECT_EQ(seen.numbers, (std::map<std::string, double>{{"waiters at a wake", 3.5}}));
  seen.numbers = {{"wakes", 0}, {"waiters", 0}};
  per_break(seen);
  EXPECT_TRUE(seen.numbers.empty());
}

}  // namespace
}  // namespace daxbreak
