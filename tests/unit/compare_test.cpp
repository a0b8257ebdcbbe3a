// SPDX-License-Identifier: GPL-2.0
#include "report/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/compare_formats.h"
#include "sample_run.h"

namespace daxbreak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Cell cell(const std::string& pin = "vmsplice", const std::string& disturber = "none",
          const std::string& kernel = "6.1") {
  return {.kernel = kernel,
          .filesystem = "ext4",
          .page_size = sample::small_page,
          .pin = pin,
          .breaker = "truncate",
          .disturber = disturber};
}

RunRecord run_of(std::vector<TrialRecord> trials, const std::string& kernel = "6.1") {
  RunRecord run{.started = "2026-11-21T01:22:46Z"};
  run.environments = {
      sample::environment(kernel, kernel + ".0-amd64", kernel + ".1-1", "fsdax-one")};
  run.trials = std::move(trials);
  for (std::size_t at = 0; at < run.trials.size(); ++at)
    run.trials[at].index = at;
  return run;
}

Comparison compare(const RunRecord& base, const RunRecord& other, CompareOptions options = {}) {
  const ComparedRun left{.name = "base.jsonl", .run = base};
  const std::vector<ComparedRun> right{{.name = "new.jsonl", .run = other}};
  auto comparison = compare_runs(left, right, options, {});
  EXPECT_TRUE(comparison) << comparison.error().message();
  return comparison ? *comparison : Comparison{};
}

const CellChange& only_cell(const Comparison& comparison) {
  return comparison.runs.at(0).kernels.at(0).cells.at(0);
}

TEST(Compare, ARunAgainstItselfMakesNoDifference) {
  const Comparison comparison = compare(sample::stock_run(), sample::stock_run());
  EXPECT_EQ(comparison.judgement, Judgement::no_difference);
  EXPECT_TRUE(comparison.compared);
  ASSERT_EQ(comparison.runs.at(0).kernels.size(), 4U);
  for (const KernelComparison& kernel : comparison.runs.at(0).kernels) {
    EXPECT_EQ(kernel.verdicts, Judgement::no_difference);
    EXPECT_EQ(kernel.latencies, Judgement::no_difference);
    EXPECT_FALSE(kernel.rates);
    EXPECT_THAT(kernel.only_base, IsEmpty());
  }
  EXPECT_THAT(format_comparison(comparison, {}, false), HasSubstr("NO DIFFERENCE"));
}

TEST(Compare, AFindingThatAppearsIsWorse) {
  const Comparison comparison = compare(run_of({sample::passed(cell(), 0)}),
                                        run_of({sample::failed(cell(), 0, {"lost-wakeup"})}));
  EXPECT_EQ(comparison.judgement, Judgement::worse);
  EXPECT_EQ(only_cell(comparison).change, "pass -> lost-wakeup");
  EXPECT_THAT(only_cell(comparison).appeared, ElementsAre("lost-wakeup"));
  const std::string text = format_comparison(comparison, {}, false);
  EXPECT_THAT(text, HasSubstr("WORSE"));
  EXPECT_THAT(text, HasSubstr("ext4/4k/vmsplice/truncate/none"));
  EXPECT_THAT(text, HasSubstr("e.g. truncate did something called lost-wakeup"));
}

TEST(Compare, AFindingThatVanishesIsBetter) {
  const Comparison comparison = compare(run_of({sample::failed(cell(), 0, {"lost-wakeup"})}),
                                        run_of({sample::passed(cell(), 0)}));
  EXPECT_EQ(comparison.runs.at(0).kernels.at(0).verdicts, Judgement::better);
  EXPECT_EQ(only_cell(comparison).change, "lost-wakeup -> pass");
}

TEST(Compare, AnotherFindingIsWorseThoughTheFirstIsGone) {
  const Comparison comparison = compare(run_of({sample::failed(cell(), 0, {"lost-wakeup"})}),
                                        run_of({sample::failed(cell(), 0, {"early-break"})}));
  EXPECT_EQ(only_cell(comparison).judgement, Judgement::worse);
  EXPECT_EQ(only_cell(comparison).change, "lost-wakeup -> early-break");
}

TEST(Compare, WhatProvesNothingCannotBeTold) {
  for (const TrialRecord& other :
       {sample::inconclusive(cell(), 0, "no scan was seen"), sample::skipped(cell(), 0, "no time")})
    for (const bool passed : {true, false}) {
      const TrialRecord base =
          passed ? sample::passed(cell(), 0) : sample::failed(cell(), 0, {"lost-wakeup"});
      EXPECT_EQ(only_cell(compare(run_of({base}), run_of({other}))).judgement,
                Judgement::cant_tell);
      EXPECT_EQ(only_cell(compare(run_of({other}), run_of({base}))).judgement,
                Judgement::cant_tell);
    }
  const RunRecord skipped = run_of({sample::skipped(cell(), 0, "makes no sense")});
  EXPECT_EQ(only_cell(compare(skipped, skipped)).judgement, Judgement::no_difference);
}

TEST(Compare, AFindingThatDidNotComeBackIsNoProofOfChange) {
  TrialRecord once = sample::failed(cell(), 0, {"lost-wakeup"});
  once.attempts = 2;
  once.came_back = 1;
  const Comparison comparison = compare(run_of({sample::passed(cell(), 0)}), run_of({once}));
  EXPECT_EQ(only_cell(comparison).judgement, Judgement::cant_tell);
  EXPECT_THAT(only_cell(comparison).why, HasSubstr("did not come back"));
}

std::vector<TrialRecord> mixed(int failures, int trials) {
  std::vector<TrialRecord> all;
  for (int at = 0; at < trials; ++at)
    all.push_back(at < failures ? sample::failed(cell(), 0, {"leak"}) : sample::passed(cell(), 0));
  return all;
}

TEST(Compare, OfWhatComesAndGoesChanceIsAsked) {
  const Comparison few = compare(run_of(mixed(0, 10)), run_of(mixed(3, 10)));
  EXPECT_EQ(only_cell(few).judgement, Judgement::cant_tell);
  EXPECT_EQ(only_cell(few).change, "pass -> leak in 3 of 10");
  EXPECT_THAT(only_cell(few).why, HasSubstr("21 %"));
  EXPECT_EQ(only_cell(compare(run_of(mixed(1, 10)), run_of(mixed(9, 10)))).judgement,
            Judgement::worse);
  EXPECT_EQ(only_cell(compare(run_of(mixed(9, 10)), run_of(mixed(1, 10)))).judgement,
            Judgement::better);
  EXPECT_EQ(only_cell(compare(run_of(mixed(3, 10)), run_of(mixed(3, 10)))).judgement,
            Judgement::no_difference);
  EXPECT_EQ(only_cell(compare(run_of(mixed(0, 10)), run_of(mixed(10, 10)))).judgement,
            Judgement::worse);
}

TEST(Compare, CellsOfOneSideAreSaidAndNotJudged) {
  const Comparison comparison = compare(
      run_of({sample::passed(cell("vmsplice"), 0), sample::passed(cell("libaio"), 1)}),
      run_of({sample::passed(cell("vmsplice"), 0), sample::failed(cell("io-uring"), 1, {"leak"})}));
  const KernelComparison& kernel = comparison.runs.at(0).kernels.at(0);
  EXPECT_EQ(kernel.cells.size(), 1U);
  EXPECT_EQ(kernel.only_base.size(), 1U);
  EXPECT_EQ(kernel.only_other.size(), 1U);
  EXPECT_EQ(kernel.verdicts, Judgement::no_difference);
  EXPECT_THAT(format_comparison(comparison, {}, false), HasSubstr("1 cell only in the new run"));
}

TEST(Compare, PagesAstrayAreWorse) {
  RunRecord base = run_of({sample::passed(cell(), 0)});
  base.censuses = {{.kernel = "6.1",
                    .subject = "ext4 namespace",
                    .histogram = {{1, 100}},
                    .idle_expected = true,
                    .idle = 1}};
  RunRecord other = base;
  other.censuses.front().histogram = {{1, 98}, {2, 2}};
  const Comparison comparison = compare(base, other);
  EXPECT_EQ(comparison.runs.at(0).kernels.at(0).verdicts, Judgement::worse);
  EXPECT_THAT(format_comparison(comparison, {}, false),
              HasSubstr("pages not idle, ext4 namespace: 0 -> 2"));
}

/// Ten repetitions of two cells, one of them twenty times as slow as the other.
RunRecord repeated(double factor, const std::string& kernel = "6.1", int repetitions = 10) {
  std::vector<TrialRecord> trials;
  for (int at = 0; at < repetitions; ++at)
    for (const bool slow : {false, true}) {
      const double jitter = 1 + 0.01 * ((at * 7 + (slow ? 3 : 0)) % 10);
      const double ns = (slow ? 2e6 : 1e5) * factor * jitter;
      trials.push_back(sample::passed(cell("vmsplice", slow ? "refault" : "none", kernel), 0,
                                      static_cast<std::int64_t>(ns)));
    }
  return run_of(std::move(trials), kernel);
}

const Figure& figure_named(const Comparison& comparison, const std::string& measure) {
  for (const Figure& figure : comparison.runs.at(0).kernels.at(0).figures)
    if (figure.measure == measure) return figure;
  static const Figure none;
  ADD_FAILURE() << "no figure " << measure;
  return none;
}

TEST(Compare, ASlowerWakeIsWorse) {
  const Comparison comparison = compare(repeated(1), repeated(1.2));
  const Figure& wake = figure_named(comparison, "wake");
  EXPECT_EQ(wake.judgement, Judgement::worse);
  EXPECT_EQ(wake.cells, 2U);
  EXPECT_EQ(wake.base.size(), 10U);
  EXPECT_NEAR(wake.change(), 0.2, 0.01);
  EXPECT_EQ(comparison.judgement, Judgement::worse);
  EXPECT_THAT(format_comparison(comparison, {}, false),
              HasSubstr("(tcg: timings under software emulation)"));
  EXPECT_EQ(figure_named(compare(repeated(1.2), repeated(1)), "wake").judgement, Judgement::better);
  EXPECT_EQ(figure_named(compare(repeated(1), repeated(1.01)), "wake").judgement,
            Judgement::no_difference);
}

TEST(Compare, TwoRepetitionsAreTooFew) {
  const Figure wake = figure_named(compare(repeated(1, "6.1", 2), repeated(3, "6.1", 2)), "wake");
  EXPECT_EQ(wake.judgement, Judgement::cant_tell);
  EXPECT_THAT(wake.why, HasSubstr("too few repetitions"));
}

/// Where the slow cell proved nothing in half of the repetitions, the rest must not look faster.
TEST(Compare, AMissingCellIsNoSpeed) {
  RunRecord other = repeated(1);
  for (std::size_t at = 1; at < other.trials.size(); at += 4)
    other.trials[at].verdict = {.outcome = Outcome::inconclusive, .reason = "no scan was seen"};
  EXPECT_EQ(figure_named(compare(repeated(1), other), "wake").judgement, Judgement::no_difference);
}

/// Cells of one side alone must not move a pin's latency.
TEST(Compare, OnlyCellsOfBothSidesAreTimed) {
  RunRecord other = repeated(1);
  std::erase_if(other.trials, [](const TrialRecord& trial) {
    return trial.timeline.cell.disturber == "refault";
  });
  const Figure wake = figure_named(compare(repeated(1), other), "wake");
  EXPECT_EQ(wake.cells, 1U);
  EXPECT_EQ(wake.judgement, Judgement::no_difference);
}

TEST(Compare, BreaksThatASignalEndedAreNotTimed) {
  RunRecord base = run_of({sample::failed(cell(), 0, {"lost-wakeup"})});
  for (const Figure& figure : compare(base, base).runs.at(0).kernels.at(0).figures)
    EXPECT_NE(figure.measure, "break");
}

TEST(Compare, EmulationAndHardwareAreNotCompared) {
  RunRecord other = repeated(3);
  other.environments.front().accelerator = "kvm";
  EXPECT_EQ(figure_named(compare(repeated(1), other), "wake").judgement, Judgement::cant_tell);
}

MeasureRecord storm(unsigned repetition, double pins_per_second, std::int64_t ns,
                    const std::string& mapped = "64m") {
  MeasureRecord record{.kernel = "6.1",
                       .job = "storm",
                       .load = "storm",
                       .engine = "daxbreak",
                       .filesystem = "ext4",
                       .point = {{"mapped", mapped}},
                       .repetition = repetition,
                       .seconds = 1};
  MeasuredSeries pins{.name = "pin", .direction = Direction::read};
  for (double at = 0; at < pins_per_second; ++at)
    pins.latency.add(ns);
  record.series = {pins};
  record.verdict.outcome = Outcome::pass;
  return record;
}

RunRecord stormy(double factor) {
  RunRecord run = run_of({});
  for (unsigned at = 1; at <= 5; ++at)
    run.measures.push_back(
        storm(at, (1000 + at * 3) / factor, static_cast<std::int64_t>((9000 + at * 40) * factor)));
  return run;
}

TEST(Compare, RatesOfStormsArePointByPoint) {
  const Comparison slower = compare(stormy(1), stormy(1.5));
  EXPECT_EQ(figure_named(slower, "pin rate").judgement, Judgement::worse);
  EXPECT_EQ(figure_named(slower, "pin latency").judgement, Judgement::worse);
  EXPECT_EQ(slower.runs.at(0).kernels.at(0).rates, Judgement::worse);
  EXPECT_FALSE(slower.runs.at(0).kernels.at(0).latencies);
  EXPECT_THAT(format_comparison(slower, {}, false), HasSubstr("storm ext4/4k mapped=64m"));
  EXPECT_EQ(figure_named(compare(stormy(1.5), stormy(1)), "pin rate").judgement, Judgement::better);
  const Comparison same = compare(stormy(1), stormy(1));
  EXPECT_EQ(same.judgement, Judgement::no_difference);
  RunRecord elsewhere = run_of({});
  elsewhere.measures = {storm(1, 10, 9000, "128m")};
  const Comparison apart = compare(stormy(1), elsewhere);
  EXPECT_FALSE(apart.compared);
  EXPECT_THAT(apart.runs.at(0).kernels.at(0).measures_only_other,
              ElementsAre("storm ext4/4k mapped=128m"));
}

TEST(Compare, AStormThatFailsIsWorse) {
  RunRecord other = stormy(1);
  for (MeasureRecord& record : other.measures) {
    record.verdict.outcome = Outcome::fail;
    record.verdict.findings = {{.kind = "count-drift", .sentence = "12 pages"}};
  }
  const Comparison comparison = compare(stormy(1), other);
  EXPECT_EQ(comparison.runs.at(0).kernels.at(0).verdicts, Judgement::worse);
}

TEST(Compare, MeasurementsThatFailGiveNoFigures) {
  RunRecord other = stormy(3);
  for (MeasureRecord& record : other.measures)
    record.verdict.outcome = Outcome::fail;
  EXPECT_THAT(compare(stormy(1), other).runs.at(0).kernels.at(0).figures, IsEmpty());
  other = stormy(1);
  other.measures.push_back(storm(6, 10, 90'000'000));
  other.measures.back().verdict.outcome = Outcome::fail;
  const Figure rate = figure_named(compare(stormy(1), other), "pin rate");
  EXPECT_EQ(rate.other.size(), 5U);
  EXPECT_EQ(rate.judgement, Judgement::no_difference);
}

TEST(Compare, RepetitionsThatEndedNothingAreNotLeftOut) {
  RunRecord other = stormy(1);
  for (const std::size_t at : {1U, 3U})
    other.measures[at].series.front().latency = {};
  Comparison comparison = compare(stormy(1), other);
  for (const char* name : {"pin rate", "pin latency"}) {
    EXPECT_EQ(figure_named(comparison, name).judgement, Judgement::cant_tell);
    EXPECT_EQ(figure_named(comparison, name).why, "2 of 5 repetitions ended no operation");
  }
  for (MeasureRecord& record : other.measures)
    record.series.clear();
  for (const bool swapped : {false, true}) {
    comparison = swapped ? compare(other, stormy(1)) : compare(stormy(1), other);
    const Figure rate = figure_named(comparison, "pin rate");
    EXPECT_EQ(rate.judgement, Judgement::cant_tell);
    EXPECT_EQ(rate.why, "5 of 5 repetitions ended no operation");
    EXPECT_EQ(comparison.runs.at(0).kernels.at(0).figures.size(), 1U);
    EXPECT_THAT(format_comparison(comparison, {}, false), HasSubstr("5 of 5 repetitions"));
  }
  EXPECT_EQ(compare(other, other).judgement, Judgement::no_difference);
}

TEST(Compare, PointsWithOtherSettingsAreNotTheSame) {
  RunRecord base = stormy(1);
  RunRecord other = stormy(1.5);
  for (MeasureRecord& record : base.measures)
    record.settings = {{"pinners", "1"}, {"bs", "4096"}};
  EXPECT_EQ(figure_named(compare(base, other), "pin rate").judgement, Judgement::worse)
      << "an old run did not say";
  for (MeasureRecord& record : other.measures)
    record.settings = {{"pinners", "4"}, {"bs", "4096"}};
  const Figure rate = figure_named(compare(base, other), "pin rate");
  EXPECT_EQ(rate.judgement, Judgement::cant_tell);
  EXPECT_EQ(rate.why, "pinners=1 and pinners=4");
}

TEST(Compare, FiosOptionsAreComparedWhole) {
  RunRecord base = stormy(1);
  RunRecord other = stormy(1.5);
  const auto judged = [&](std::map<std::string, std::string> options) {
    for (MeasureRecord& record : base.measures)
      record.settings = {{"--size", "8388608"}, {"--direct", "1"}, {"--filename", "/dev/nullb0"}};
    for (MeasureRecord& record : other.measures)
      record.settings = options;
    const Figure rate = figure_named(compare(base, other), "pin rate");
    const Figure back = figure_named(compare(other, base), "pin rate");
    EXPECT_EQ(rate.judgement == Judgement::cant_tell, back.judgement == Judgement::cant_tell);
    return rate.judgement == Judgement::cant_tell ? rate.why : "";
  };
  EXPECT_EQ(judged(base.measures[0].settings), "") << "an old run did not say";
  EXPECT_EQ(judged({{"--size", "67108864"}, {"--direct", "1"}}),
            "--size=8388608 and --size=67108864");
  EXPECT_EQ(judged({{"--size", "8388608"}}), "--direct=1 and no --direct");
  EXPECT_EQ(judged({{"--size", "8388608"}, {"--direct", "1"}, {"--sync", "1"}}),
            "no --sync and --sync=1");
  EXPECT_EQ(judged({{"--size", "8388608"},
                    {"--direct", "1"},
                    {"--filename", "/dev/nullb1"},
                    {"--runtime", "2000000us"}}),
            "");
}

TEST(Compare, RunsOfAnotherLengthAreComparedAllTheSame) {
  RunRecord base = stormy(1);
  RunRecord other = stormy(1.5);
  for (MeasureRecord& record : base.measures)
    record.settings = {{"size", "8388608"}, {"runtime", "2000000000"}, {"seed", "1"}};
  for (MeasureRecord& record : other.measures)
    record.settings = {{"size", "8388608"}, {"runtime", "500000000"}, {"seed", "2"}};
  EXPECT_EQ(figure_named(compare(base, other), "pin rate").judgement, Judgement::worse);
}

TEST(Compare, OtherClockSourcesAreNotCompared) {
  RunRecord base = stormy(1);
  RunRecord other = stormy(1.5);
  base.environments.front().clock_source = "tsc";
  EXPECT_EQ(figure_named(compare(base, other), "pin rate").judgement, Judgement::worse);
  other.environments.front().clock_source = "hpet";
  const Figure rate = figure_named(compare(base, other), "pin rate");
  EXPECT_EQ(rate.judgement, Judgement::cant_tell);
  EXPECT_EQ(rate.why, "clock sources differ: tsc and hpet");
}

TEST(Compare, MoreThatProvesNothingIsNoSameness) {
  const TrialRecord pass = sample::passed(cell(), 0);
  const TrialRecord nothing = sample::inconclusive(cell(), 0, "no scan was seen");
  const CellChange more =
      only_cell(compare(run_of({pass, pass, pass}), run_of({pass, nothing, nothing})));
  EXPECT_EQ(more.judgement, Judgement::cant_tell);
  EXPECT_EQ(more.why, "2 of 3 proved nothing, 0 of 3 in the base");
  EXPECT_EQ(only_cell(compare(run_of({pass, nothing}), run_of({pass, nothing}))).judgement,
            Judgement::no_difference);
}

TEST(Compare, KernelsArePairedByNameOrAsAsked) {
  EXPECT_EQ(compare(repeated(1, "6.1"), repeated(1, "6.12")).runs.at(0).kernels.size(), 1U);
  const RunRecord all = sample::stock_run();
  const Comparison within = compare(all, all, {.base_kernel = "6.1", .other_kernel = "6.12"});
  ASSERT_EQ(within.runs.at(0).kernels.size(), 1U);
  EXPECT_EQ(within.runs.at(0).kernels.at(0).base.kernel, "6.1");
  EXPECT_EQ(within.runs.at(0).kernels.at(0).other.kernel, "6.12");
  EXPECT_EQ(within.runs.at(0).kernels.at(0).verdicts, Judgement::better);
  EXPECT_THAT(format_comparison(within, {}, false),
              HasSubstr("6.1 (6.1.192-2, fsdax-one) -> 6.12 (6.12.117-1, fsdax-one)"));
}

TEST(Compare, KernelsThatAreNotThereAreNamed) {
  const ComparedRun base{.name = "a.jsonl", .run = sample::stock_run()};
  const std::vector<ComparedRun> others{{.name = "b.jsonl", .run = repeated(1, "6.19")}};
  const auto apart = compare_runs(base, others, {}, {});
  ASSERT_FALSE(apart);
  EXPECT_THAT(apart.error().message(), HasSubstr("--base-kernel"));
  const auto unknown = compare_runs(base, others, {.base_kernel = "7.9"}, {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message(),
            "--base-kernel: a.jsonl has no kernel \"7.9\"; it has 5.10, 6.1, 6.12 and 7.2");
  EXPECT_TRUE(compare_runs(base, others, {.base_kernel = "6.12"}, {}));
}

TEST(Compare, KnownFindingsAreNamed) {
  const std::vector<KnownFinding> known{{.id = "some-defect", .kinds = {"lost-wakeup"}}};
  const ComparedRun base{.name = "a", .run = run_of({sample::passed(cell(), 0)})};
  const std::vector<ComparedRun> others{
      {.name = "b", .run = run_of({sample::failed(cell(), 0, {"lost-wakeup"})})}};
  const auto comparison = compare_runs(base, others, {}, known);
  ASSERT_TRUE(comparison);
  EXPECT_EQ(only_cell(*comparison).known, "some-defect");
  EXPECT_EQ(comparison->judgement, Judgement::worse);  // known is no excuse for being worse
}

TEST(Compare, KnownFindingsOfMeasurementsAreNamed) {
  RunRecord failing = stormy(1);
  for (MeasureRecord& record : failing.measures) {
    record.verdict.outcome = Outcome::fail;
    record.verdict.findings = {{.kind = "count-drift", .sentence = "12 pages"}};
  }
  const ComparedRun base{.name = "a", .run = stormy(1)};
  const std::vector<ComparedRun> others{{.name = "b", .run = failing}};
  const auto known_as = [&](const KnownFinding& entry) {
    const auto comparison = compare_runs(base, others, {}, {entry});
    return comparison ? only_cell(*comparison).known : comparison.error().message();
  };
  EXPECT_EQ(known_as({.id = "drift", .kinds = {"count-drift"}, .loads = {"storm"}}), "drift");
  EXPECT_EQ(known_as({.id = "drift", .kinds = {"count-drift"}}), "") << "it is about cells";
}

TEST(Compare, JsonAndMarkdownSayTheSame) {
  const Comparison comparison = compare(repeated(1), repeated(1.2));
  const auto json = nlohmann::json::parse(format_comparison_json(comparison));
  EXPECT_EQ(json.at("judgement"), "worse");
  const auto& kernel = json.at("comparisons").at(0).at("kernels").at(0);
  EXPECT_EQ(kernel.at("verdicts").at("judgement"), "no difference");
  EXPECT_EQ(kernel.at("latencies").at("judgement"), "worse");
  EXPECT_TRUE(kernel.at("rates").at("judgement").is_null());
  const auto& wake = kernel.at("figures").at(1);
  EXPECT_EQ(wake.at("measure"), "wake");
  EXPECT_EQ(wake.at("base").at("repetitions").size(), 10U);
  EXPECT_LT(wake.at("interval").at(0), wake.at("change"));
  const std::string page = format_comparison_markdown(comparison);
  EXPECT_THAT(page, HasSubstr("| **worse** | wake | vmsplice |"));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace daxbreak
