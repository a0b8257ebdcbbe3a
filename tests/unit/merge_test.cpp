// SPDX-License-Identifier: GPL-2.0
#include "result/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "sample_run.h"

namespace daxbreak {
namespace {

using ::testing::ElementsAre;

/// The stock run's shard `number` of two.
NamedRun half(unsigned number) {
  NamedRun named{.name = std::string("half") + std::to_string(number), .run = sample::stock_run()};
  RunRecord& run = named.run;
  std::erase_if(run.trials,
                [&](const TrialRecord& trial) { return trial.index % 2 != number - 1; });
  run.plan = {.job = "full.job",
              .fingerprint = "abc",
              .cells = 216,
              .of = 2,
              .shards = {number},
              .covers = {{.job = "pairs", .seed = 1, .cells = 9, .pairs = 9}}};
  return named;
}

/// The sentence with which two halves are refused, the second one changed.
template <class Change>
std::string refusal(Change change) {
  std::vector<NamedRun> runs{half(1), half(2)};
  change(runs[1].run);
  auto merged = merge_runs(runs);
  return merged ? "merged" : merged.error().message();
}

TEST(Merge, HalvesMakeTheWhole) {
  const RunRecord whole = sample::stock_run();
  const std::vector<NamedRun> runs{half(2), half(1)};
  auto merged = merge_runs(runs);
  ASSERT_TRUE(merged) << merged.error().message();
  ASSERT_EQ(merged->trials.size(), whole.trials.size());
  for (std::size_t i = 0; i < whole.trials.size(); ++i) {
    EXPECT_EQ(merged->trials[i].index, whole.trials[i].index);
    EXPECT_EQ(merged->trials[i].timeline.cell, whole.trials[i].timeline.cell);
  }
  EXPECT_EQ(merged->environments.size(), whole.environments.size());
  EXPECT_THAT(merged->plan.shards, ElementsAre(1, 2));
  EXPECT_EQ(merged->plan.of, 2U);
  EXPECT_DOUBLE_EQ(merged->seconds, 2 * whole.seconds);
  EXPECT_DOUBLE_EQ(merged->phases.at("boot"), 2 * whole.phases.at("boot"));
}

TEST(Merge, KernelsMakeTheWhole) {
  NamedRun left{.name = "left", .run = half(1).run};
  NamedRun right{.name = "right", .run = half(1).run};
  const auto of = [](const TrialRecord& trial) { return trial.timeline.cell.kernel == "6.1"; };
  std::erase_if(left.run.trials, of);
  std::erase_if(left.run.environments, [](const Environment& e) { return e.kernel == "6.1"; });
  std::erase_if(right.run.trials, std::not_fn(of));
  std::erase_if(right.run.environments, [](const Environment& e) { return e.kernel != "6.1"; });
  const std::vector<NamedRun> runs{left, right};
  auto merged = merge_runs(runs);
  ASSERT_TRUE(merged) << merged.error().message();
  EXPECT_EQ(merged->trials.size(), half(1).run.trials.size());
  EXPECT_THAT(merged->plan.shards, ElementsAre(1));
}

TEST(Merge, OtherRunsAreRefusedInOneSentence) {
  const std::string start = "half1 and half2 are not parts of one run: ";
  EXPECT_EQ(refusal([](RunRecord&) {}), "merged");
  EXPECT_EQ(refusal([](RunRecord& run) { run.plan.job = "smoke.job"; }),
            start + "one ran full.job, the other smoke.job");
  EXPECT_EQ(refusal([](RunRecord& run) {
              run.plan.covers[0].seed = 2;
              run.plan.fingerprint = "def";
            }),
            start + "[pairs] has seed 1 in one and 2 in the other");
  EXPECT_EQ(refusal([](RunRecord& run) { run.plan.fingerprint = "def"; }),
            start + "the cells of full.job were not the same");
  EXPECT_EQ(refusal([](RunRecord& run) { run.plan.of = 3; }),
            start + "one is a part of 2, the other a part of 3");
  EXPECT_EQ(refusal([](RunRecord& run) { run.environments[1].version = "6.1.193-1"; }),
            start + "the version of 6.1 is \"6.1.192-2\" in one and \"6.1.193-1\" in the other");
  EXPECT_EQ(refusal([](RunRecord& run) { run = half(1).run; }),
            start +
                "both hold ext4/4k/vmsplice/truncate/none on 5.10; to run cells more than "
                "once, use --repeat");
  EXPECT_EQ(refusal([](RunRecord& run) { run.plan = {}; }),
            "half2 does not say which cells it was to run: it was written before runs could be "
            "merged");
  EXPECT_EQ(merge_runs({}).error().message(), "there is nothing to merge");
}

TEST(Merge, TheSameMeasurementTwiceIsRefused) {
  const MeasureRecord measure{.kernel = "6.1",
                              .job = "mapped",
                              .load = "storm",
                              .engine = "daxbreak",
                              .filesystem = "ext4",
                              .point = {{"pinners", "4"}}};
  std::vector<NamedRun> runs{half(1), half(2)};
  runs[0].run.measures = runs[1].run.measures = {measure};
  EXPECT_EQ(merge_runs(runs).error().message(),
            "half1 and half2 are not parts of one run: both hold repetition 1 of [mapped] "
            "storm/ext4/4k pinners=4 on 6.1; to measure more than once, use --repeat");
  using Change = void (*)(MeasureRecord&);
  for (const Change change :
       {Change([](MeasureRecord& other) { other.kernel = "6.12"; }),
        Change([](MeasureRecord& other) { other.job = "pins"; }),
        Change([](MeasureRecord& other) { other.load = "fault"; }),
        Change([](MeasureRecord& other) { other.engine = "fio-3.33"; }),
        Change([](MeasureRecord& other) { other.filesystem = "xfs"; }),
        Change([](MeasureRecord& other) { other.page_size = sample::huge_page; }),
        Change([](MeasureRecord& other) { other.point["pinners"] = "1"; }),
        Change([](MeasureRecord& other) { other.repetition = 2; })}) {
    runs[1].run.measures = {measure};
    change(runs[1].run.measures[0]);
    const auto merged = merge_runs(runs);
    ASSERT_TRUE(merged) << merged.error().message();
    EXPECT_EQ(merged->measures.size(), 2U);
  }
}

TEST(Merge, AKernelThatNeverSpokeContradictsNothing) {
  EXPECT_EQ(
      refusal([](RunRecord& run) { run.environments[1] = {.kernel = "6.1", .release = "?"}; }),
      "merged");
}

}  // namespace
}  // namespace daxbreak
