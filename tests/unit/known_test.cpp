// SPDX-License-Identifier: GPL-2.0
#include "report/known.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/tally.h"
#include "sample_run.h"

namespace daxbreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<KnownFinding> shipped() {
  auto known = load_known_findings(std::string(DAXBREAK_SOURCE) + "/configs/known-findings");
  EXPECT_TRUE(known) << known.error().message();
  return known ? *known : std::vector<KnownFinding>{};
}

std::string error_of(std::string_view text) {
  auto known = parse_known_findings(text, "known");
  return known ? "accepted" : known.error().message();
}

TEST(Known, ReadsSections) {
  auto known = parse_known_findings(
      "# comment\n[one]\nkinds = stuck leak\npins = odirect-*, libaio\n"
      "note = first\n  second = not a key\n\n; comment\n[two]\nkinds=spin\n",
      "known");
  ASSERT_TRUE(known) << known.error().message();
  ASSERT_EQ(known->size(), 2U);
  EXPECT_THAT((*known)[0].kinds, ElementsAre("stuck", "leak"));
  EXPECT_THAT((*known)[0].pins, ElementsAre("odirect-*", "libaio"));
  EXPECT_EQ((*known)[0].note, "first second = not a key");
  EXPECT_EQ((*known)[1].id, "two");
}

TEST(Known, MistakesAreSaidWithTheirPlace) {
  EXPECT_EQ(error_of("kinds = x\n"), "known:1: a key before the first [section]");
  EXPECT_THAT(error_of("[a]\nkinds = x\ndisturber = y\n"),
              HasSubstr("known:3: unknown key \"disturber\"; did you mean \"disturbers\"?"));
  EXPECT_EQ(error_of("[a\n"), "known:1: a section is written [name]");
  EXPECT_EQ(error_of("[a]\nword\n"), "known:2: expected \"key = value\"");
  EXPECT_EQ(error_of("[a]\nkinds =\n"), "known:2: \"kinds\" has no value");
  EXPECT_EQ(error_of("[a]\nnote = n\n"), "known: section \"a\" has no \"kinds\"");
  EXPECT_EQ(error_of("[a]\nkinds = x\n[a]\n"), "known:3: there are two sections \"a\"");
  EXPECT_EQ(error_of(""), "accepted");
}

TEST(Known, ShippedFileKnowsOnlyKindsThatOraclesReport) {
  for (const KnownFinding& entry : shipped()) {
    EXPECT_FALSE(entry.note.empty()) << entry.id;
    EXPECT_FALSE(entry.reference.empty()) << entry.id;
    for (const std::string& kind : entry.kinds)
      EXPECT_TRUE(std::any_of(finding_kinds().begin(), finding_kinds().end(),
                              [&](const FindingKind& one) { return one.name == kind; }))
          << entry.id << ": " << kind;
  }
}

TEST(Known, ShippedFileExplainsWhatStockKernelsDo) {
  const RunRecord run = sample::stock_run();
  const Tally tally = tally_of(run, shipped());
  EXPECT_GT(tally.failed, 0U);
  EXPECT_EQ(tally.known, tally.failed);
}

TEST(Known, ConditionsAreNotLooserThanTheDefect) {
  const auto known = shipped();
  const RunRecord run = sample::stock_run();
  const auto is_known = [&](const char* kernel, const char* pin, const char* disturber,
                            const char* kind) {
    const Cell cell{.kernel = kernel,
                    .filesystem = "xfs",
                    .pin = pin,
                    .breaker = "truncate",
                    .disturber = disturber};
    return all_known(sample::failed(cell, 0, {kind}), environment_of(run, kernel), known);
  };
  EXPECT_TRUE(is_known("6.1", "libaio", "none", "lost-wakeup"));
  EXPECT_FALSE(is_known("6.1", "vmsplice", "none", "lost-wakeup"));
  EXPECT_FALSE(is_known("6.12", "libaio", "none", "lost-wakeup"));
  EXPECT_FALSE(is_known("5.10", "libaio", "none", "lost-wakeup"));
  EXPECT_TRUE(is_known("6.12", "vmsplice", "munmap", "leak"));
  EXPECT_FALSE(is_known("6.12", "vmsplice", "none", "leak"));
  EXPECT_FALSE(is_known("7.2", "vmsplice", "munmap", "leak"));
  EXPECT_TRUE(is_known("7.2", "vmsplice", "refault", "stuck"));
  EXPECT_FALSE(is_known("7.2", "vmsplice", "none", "stuck"));
}

TEST(Known, MemoryRangeAndGateMayBeConditions) {
  auto known = parse_known_findings(
      "[one]\nkinds = stuck\nmemories = private*\nranges = elsewhere same-*\ngates = null-*\n",
      "known");
  ASSERT_TRUE(known) << known.error().message();
  Cell cell{.kernel = "6.1", .filesystem = "xfs", .pin = "p", .breaker = "b"};
  const Finding finding{.kind = "stuck", .sentence = "s", .evidence = {}};
  EXPECT_EQ(explain(finding, cell, {}, *known), nullptr);
  cell.memory = "private-read";
  cell.gate = "null-blk";
  EXPECT_NE(explain(finding, cell, {}, *known), nullptr);
  cell.range = "beyond-eof";
  EXPECT_EQ(explain(finding, cell, {}, *known), nullptr);
}

TEST(Known, OneUnexplainedFindingMakesTheTrialNew) {
  const RunRecord run = sample::stock_run();
  const Cell cell{.kernel = "6.12",
                  .filesystem = "ext4",
                  .pin = "vmsplice",
                  .breaker = "truncate",
                  .disturber = "munmap"};
  const Environment& environment = environment_of(run, "6.12");
  EXPECT_TRUE(all_known(sample::failed(cell, 0, {"leak", "early-break"}), environment, shipped()));
  EXPECT_FALSE(all_known(sample::failed(cell, 0, {"leak", "panic"}), environment, shipped()));
  TrialRecord none = sample::failed(cell, 0, {"leak"});
  none.verdict.findings.clear();
  EXPECT_FALSE(all_known(none, environment, shipped())) << "a failure without a finding";
  EXPECT_FALSE(all_known(sample::passed(cell, 0), environment, shipped()));
}

TEST(Known, AnotherWarningIsNotExcusedByAKnownOne) {
  const RunRecord run = sample::stock_run();
  const Environment& environment = environment_of(run, "6.12");
  const Cell cell{.kernel = "6.12",
                  .filesystem = "ext4",
                  .pin = "vmsplice",
                  .breaker = "truncate",
                  .disturber = "munmap"};
  Finding finding{.kind = "kernel-warning",
                  .sentence = "the kernel complained: WARNING: at dax_disassociate_entry+0x87"};
  EXPECT_NE(explain(finding, cell, environment, shipped()), nullptr);
  finding.sentence = "the kernel complained: list_del corruption";
  EXPECT_EQ(explain(finding, cell, environment, shipped()), nullptr);
}

MeasureRecord stuck_storm(const std::string& kernel) {
  MeasureRecord storm{.kernel = kernel, .job = "s", .load = "storm", .filesystem = "ext4"};
  storm.verdict.outcome = Outcome::fail;
  storm.verdict.findings.push_back(
      {.kind = "stuck", .sentence = "it slept (refault=1)", .evidence = {}});
  return storm;
}

TEST(Known, EntriesThatNameLoadsAreAboutMeasurementsAlone) {
  auto known = parse_known_findings("[one]\nkinds = stuck\nloads = storm\nschemes = zero\n", "k");
  ASSERT_TRUE(known) << known.error().message();
  const MeasureRecord storm = stuck_storm("7.2");
  const Environment zero{.kernel = "7.2", .scheme = "zero"};
  const Environment one{.kernel = "6.12", .scheme = "fsdax-one"};
  EXPECT_TRUE(all_known(storm, zero, *known));
  EXPECT_FALSE(all_known(storm, one, *known));
  const Cell cell{.kernel = "7.2", .filesystem = "ext4", .pin = "p", .breaker = "b"};
  EXPECT_EQ(explain(storm.verdict.findings[0], cell, zero, *known), nullptr);
  // And those that name none are about cells alone.
  auto cells = parse_known_findings("[one]\nkinds = stuck\n", "k");
  ASSERT_TRUE(cells);
  EXPECT_FALSE(all_known(storm, zero, *cells));
}

TEST(Known, EntriesForLoadsMayNameBreakersAndPins) {
  auto known =
      parse_known_findings("[one]\nkinds = stuck\nloads = storm\nbreakers = punch-*\n", "k");
  ASSERT_TRUE(known) << known.error().message();
  const Environment zero{.kernel = "7.2", .scheme = "zero"};
  MeasureRecord storm = stuck_storm("7.2");
  EXPECT_FALSE(all_known(storm, zero, *known)) << "nobody said what broke";
  storm.settings["breaker"] = "truncate+punch-clone";
  EXPECT_TRUE(all_known(storm, zero, *known));
  storm.settings["breaker"] = "truncate";
  EXPECT_FALSE(all_known(storm, zero, *known));
}

TEST(ExitStatus, AKnownFindingOfAStormIsExcusedOnRequest) {
  RunRecord run;
  run.environments.push_back({.kernel = "7.2", .scheme = "zero"});
  run.measures.push_back(stuck_storm("7.2"));
  EXPECT_EQ(exit_status_of(run, shipped(), Expect::pass), 1);
  EXPECT_EQ(exit_status_of(run, shipped(), Expect::known), 0);
  run.environments[0].scheme = "fsdax-one";
  EXPECT_EQ(exit_status_of(run, shipped(), Expect::known), 1);
}

TEST(ExitStatus, FollowsFindingsAndExpectation) {
  const auto known = shipped();
  RunRecord run = sample::stock_run();
  EXPECT_EQ(exit_status_of(run, known, Expect::pass), 1);
  EXPECT_EQ(exit_status_of(run, known, Expect::known), 0);
  EXPECT_EQ(exit_status_of(run, {}, Expect::known), 1);
  run.incidents.push_back({.kernel = "6.16", .what = "missing", .sentence = "suite is gone"});
  EXPECT_EQ(exit_status_of(run, known, Expect::known), 3);
  EXPECT_EQ(exit_status_of(run, known, Expect::pass), 1) << "findings outweigh a missing kernel";
}

TEST(ExitStatus, NothingRanIsNoSuccess) {
  EXPECT_EQ(exit_status_of({}, {}, Expect::pass), 3);
  RunRecord run;
  const Cell cell{.kernel = "running", .filesystem = "ext4", .pin = "p", .breaker = "b"};
  run.trials = {sample::skipped(cell, 0, "not root")};
  EXPECT_EQ(exit_status_of(run, {}, Expect::pass), 3);
  run.trials.push_back(sample::inconclusive(cell, 1, "no observer"));
  EXPECT_EQ(exit_status_of(run, {}, Expect::pass), 3) << "a pass that nobody observed";
  run.trials.push_back(sample::passed(cell, 2));
  EXPECT_EQ(exit_status_of(run, {}, Expect::pass), 0);
}

TEST(ExitStatus, CellsLostWithTheirMachineAreNoSuccess) {
  RunRecord run;
  run.trials = {
      sample::passed({.kernel = "6.12", .filesystem = "xfs", .pin = "p", .breaker = "b"}, 0)};
  EXPECT_EQ(exit_status_of(run, {}, Expect::known), 0);
  run.incidents.push_back({.kernel = "6.12", .what = "harness", .sentence = "given up"});
  EXPECT_EQ(exit_status_of(run, {}, Expect::known), 3);
}

TEST(ExitStatus, BootThatTheNextOneMadeGoodLostNothing) {
  RunRecord run;
  run.trials = {
      sample::passed({.kernel = "6.12", .filesystem = "xfs", .pin = "p", .breaker = "b"}, 0)};
  run.incidents.push_back({.kernel = "6.12", .what = "silence", .made_good = true});
  EXPECT_FALSE(lost_something(run));
  EXPECT_EQ(exit_status_of(run, {}, Expect::known), 0);
  run.incidents.push_back({.kernel = "6.12", .what = "silence"});
  EXPECT_TRUE(lost_something(run));
  EXPECT_EQ(exit_status_of(run, {}, Expect::known), 3) << "another one was not";
}

TEST(ExitStatus, PagesAstrayAreAFinding) {
  RunRecord run;
  run.trials = {
      sample::passed({.kernel = "7.2", .filesystem = "xfs", .pin = "p", .breaker = "b"}, 0)};
  run.censuses = {{.kernel = "7.2", .histogram = {{0, 500}}, .idle_expected = true, .idle = 0}};
  EXPECT_EQ(exit_status_of(run, {}, Expect::known), 0);
  run.censuses[0].histogram[1] = 2;
  EXPECT_EQ(pages_astray(run.censuses[0]), 2U);
  EXPECT_EQ(exit_status_of(run, {}, Expect::known), 1);
  run.censuses[0].histogram = {{1, 500}};
  EXPECT_EQ(pages_astray(run.censuses[0]), 500U) << "all wrong is wrong as well";
}

}  // namespace
}  // namespace daxbreak
