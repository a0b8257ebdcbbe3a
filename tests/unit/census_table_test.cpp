// SPDX-License-Identifier: GPL-2.0
#include "report/census_table.h"

#include <gtest/gtest.h>

#include "sample_run.h"

namespace daxbreak {
namespace {

TEST(CensusTable, StatesDownKernelsAcross) {
  RunRecord run;
  run.environments = {sample::environment("6.1", "r", "v", "fsdax-one"),
                      sample::environment("7.2", "r", "v", "zero")};
  const auto add = [&](const char* kernel, const char* state, Census histogram) {
    run.censuses.push_back({.kernel = kernel, .state = state, .histogram = std::move(histogram)});
  };
  add("6.1", "in a file, idle", {{1, 1}});
  add("6.1", "in a file, idle", {{1, 512}});  // another page size, the same answer
  add("7.2", "in a file, idle", {{0, 1}});
  add("6.1", "held by FOLL_PIN", {{1025, 1}});
  add("6.1", "held by FOLL_PIN", {{2, 1}});
  EXPECT_EQ(format_census_table(run, {}),
            "state of the page  6.1        7.2\n"
            "                   fsdax-one  zero\n"
            "in a file, idle    1          0\n"
            "held by FOLL_PIN   2/1025     -\n");
}

TEST(CensusTable, KernelsThatDoNotFitGoBelow) {
  RunRecord run;
  for (int i = 0; i < 9; ++i)
    run.censuses.push_back(
        {.kernel = "kernel-" + std::to_string(i), .state = "idle", .histogram = {{1, 1}}});
  const std::string text = format_census_table(run, {.width = 60});
  EXPECT_NE(text.find("kernel-8"), std::string::npos);
  EXPECT_NE(text.find("\n\nstate of the page"), std::string::npos);
}

TEST(CensusTable, NothingIsNoTable) {
  EXPECT_EQ(format_census_table({}, {}), "");
  EXPECT_EQ(format_census_histograms({}, {}), "");
}

TEST(CensusTable, HistogramsTellWhatIsNotIdle) {
  RunRecord run;
  run.censuses = {{.kernel = "6.1",
                   .subject = "ext4 namespace, end of run",
                   .histogram = {{1, 131'072}},
                   .idle_expected = true,
                   .idle = 1},
                  {.kernel = "7.2",
                   .subject = "xfs namespace",
                   .histogram = {{0, 10}, {1, 1}},
                   .idle_expected = true,
                   .idle = 0}};
  EXPECT_EQ(format_census_histograms(run, {}),
            "6.1 ext4 namespace, end of run: 131072 pages: count 1 x 131072\n"
            "7.2 xfs namespace: 11 pages: count 0 x 10, count 1 x 1 <- 1 NOT idle\n");
}

}  // namespace
}  // namespace daxbreak
