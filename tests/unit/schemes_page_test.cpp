// SPDX-License-Identifier: GPL-2.0
#include "report/schemes_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hand_made.h"
#include "oracle/judge.h"

namespace daxbreak {
namespace {

using testing::HasSubstr;
using testing::Not;

RunRecord run() {
  RunRecord record;
  record.command = "daxbreak run schemes --census";
  record.environments = {
      {.kernel = "fsdax-one",
       .scheme = "fsdax-one",
       .accelerator = "tcg",
       .pin_costs = {{.memory = "DAX", .ns = 300, .least_ns = 290, .most_ns = 310},
                     {.memory = "anonymous", .ns = 200, .least_ns = 190, .most_ns = 210}}},
      {.kernel = "map-counted", .scheme = "map-counted", .accelerator = "tcg"}};
  record.censuses = {
      {.kernel = "fsdax-one", .state = "mapped by one process", .histogram = {{1, 1}}},
      {.kernel = "map-counted", .state = "mapped by one process", .histogram = {{1, 1}}},
      {.kernel = "map-counted", .state = "punched out (free)", .histogram = {{0, 1}}}};
  for (const char* kernel : {"fsdax-one", "map-counted"}) {
    TrialRecord trial;
    trial.timeline = hand_made::good();
    trial.timeline.cell.kernel = kernel;
    trial.verdict = judge(trial.timeline, hand_made::one_based());
    record.trials.push_back(trial);
  }
  record.trials.back().verdict = {.outcome = Outcome::fail, .findings = {{.kind = "early-break"}}};
  return record;
}

TEST(SchemesPage, PutsKernelsSideBySide) {
  const std::string page = format_schemes_page(run(), {});
  EXPECT_THAT(page, HasSubstr("| | fsdax-one | map-counted |"));
  EXPECT_THAT(page, HasSubstr("| mapped by one process | 1 | 1 |"));
  EXPECT_THAT(page, HasSubstr("| punched out (free) | - | 0 |"));
  EXPECT_THAT(page, HasSubstr("| trials passed | 1 | 0 |"));
  EXPECT_THAT(page, HasSubstr("| `early-break` | - | 1 |"));
  EXPECT_THAT(page, HasSubstr("| DAX : anonymous | 1.50 | - |"));
  EXPECT_THAT(page, HasSubstr("software emulation"));
}

TEST(SchemesPage, LeavesOutWhatWasNotMeasured) {
  RunRecord record = run();
  record.censuses.clear();
  record.environments.front().pin_costs.clear();
  const std::string page = format_schemes_page(record, {});
  EXPECT_THAT(page, Not(HasSubstr("The count of a page")));
  EXPECT_THAT(page, Not(HasSubstr("What a reference costs")));
}

}  // namespace
}  // namespace daxbreak
