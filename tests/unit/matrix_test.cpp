// SPDX-License-Identifier: GPL-2.0
#include "report/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "report/cells.h"
#include "report/findings.h"
#include "report/tally.h"
#include "report/text.h"
#include "sample_run.h"

namespace daxbreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<KnownFinding> shipped() {
  auto known = load_known_findings(std::string(DAXBREAK_SOURCE) + "/configs/known-findings");
  EXPECT_TRUE(known);
  return *known;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

void expect_fits(const std::string& text, std::size_t width) {
  for (const std::string& line : lines_of(text)) {
    EXPECT_LE(text_width(line), width) << line;
    EXPECT_FALSE(line.ends_with(' ')) << "trailing blank: \"" << line << "\"";
  }
}

Cell cell(std::string kernel, std::string pin, std::string breaker, std::string disturber) {
  return {.kernel = std::move(kernel),
          .filesystem = "ext4",
          .pin = std::move(pin),
          .breaker = std::move(breaker),
          .disturber = std::move(disturber)};
}

TEST(Matrix, StockRunFitsEightyColumns) {
  const std::string text = format_matrix(sample::stock_run(), shipped(), {.width = 80});
  expect_fits(text, 80);
  EXPECT_THAT(text, HasSubstr("5.10.262-1   6.1.192-2    6.12.117-1   7.2.13-1"));
  EXPECT_THAT(text, HasSubstr("devmap-one   fsdax-one    fsdax-one    zero"));
  EXPECT_THAT(text, HasSubstr("odirect-read\n  any breaker   none     .  .  .  .   l  l  l  l   "
                              ".  .  .  .   .  .  .  .\n"));
  EXPECT_THAT(text, HasSubstr("L lost-wakeup"));
  EXPECT_THAT(text, HasSubstr("small letter: known already"));
  EXPECT_THAT(text, Not(HasSubstr("\033"))) << "colours without being asked";
  for (const char c : text)
    EXPECT_GE(c, 0) << "not ASCII";
}

TEST(Matrix, NewFindingsAreBigLetters) {
  const std::string text = format_matrix(sample::stock_run(), {}, {.width = 80});
  EXPECT_THAT(text, HasSubstr("L  L  L  L"));
  EXPECT_THAT(text, Not(HasSubstr("small letter")));
}

TEST(Matrix, RowsThatDifferAreKeptApart) {
  RunRecord run;
  run.trials = {sample::passed(cell("6.1", "vmsplice", "truncate", "none"), 0),
                sample::failed(cell("6.1", "vmsplice", "truncate", "munmap"), 1, {"leak"}),
                sample::passed(cell("6.1", "vmsplice", "punch-hole", "none"), 2),
                sample::passed(cell("6.1", "vmsplice", "punch-hole", "munmap"), 3)};
  const std::string text = format_matrix(run, {}, {});
  EXPECT_THAT(text, HasSubstr("  truncate    none    .\n              munmap  X\n"
                              "  punch-hole  any     .\n"));
}

TEST(Matrix, WorstTrialOfACellIsShown) {
  const Cell one = cell("6.1", "p", "b", "none");
  const auto mark = [&](std::vector<TrialRecord> trials) {
    const RunRecord run{.trials = std::move(trials)};
    const auto lines = lines_of(format_matrix(run, {}, {}));
    for (const std::string& line : lines)
      if (line.find("none") != std::string::npos) return line.substr(line.size() - 1);
    return std::string("no row");
  };
  EXPECT_EQ(mark({sample::passed(one, 0), sample::failed(one, 0, {"count-drift", "leak"})}), "X");
  EXPECT_EQ(mark({sample::passed(one, 0), sample::inconclusive(one, 0, "why")}), "?");
  EXPECT_EQ(mark({sample::skipped(one, 0, "why"), sample::passed(one, 0)}), ".");
  EXPECT_EQ(mark({sample::skipped(one, 0, "why")}), "-");
  EXPECT_EQ(mark({sample::failed(one, 0, {"tooth-ache"})}), "T");
}

TEST(Matrix, EveryKindHasItsOwnLetter) {
  RunRecord run;
  std::uint64_t index = 0;
  for (const FindingKind& kind : finding_kinds()) {
    const Cell one = cell("6.1", "pin" + std::to_string(index), "b", "none");
    run.trials.push_back(sample::failed(one, index++, {std::string(kind.name)}));
  }
  std::set<std::string> letters;
  for (const std::string& line : lines_of(format_matrix(run, {}, {})))
    if (line.find("none") != std::string::npos) letters.insert(line.substr(line.size() - 1));
  EXPECT_EQ(letters.size(), finding_kinds().size());
}

TEST(Matrix, KernelsThatDoNotFitGoBelow) {
  RunRecord run;
  for (int i = 0; i < 12; ++i)
    run.trials.push_back(
        sample::passed(cell("kernel-" + std::to_string(i), "vmsplice", "truncate", "none"), 0));
  const std::string text = format_matrix(run, {}, {.width = 60});
  expect_fits(text, 60);
  for (int i = 0; i < 12; ++i)
    EXPECT_THAT(text, HasSubstr("kernel-" + std::to_string(i)));
}

TEST(Matrix, LongNamesAreCutNotSpilled) {
  RunRecord run;
  const std::string endless(200, 'n');
  run.environments = {sample::environment(endless, endless, endless, endless)};
  Cell one = cell(endless, endless, endless, endless);
  one.filesystem = endless;
  run.trials = {sample::failed(one, 0, {endless})};
  expect_fits(format_matrix(run, {}, {.width = 80}), 80);
  EXPECT_THAT(format_matrix(run, {}, {.width = 80}), HasSubstr("~"));
  EXPECT_FALSE(format_report(run, {}, {.width = 40}).empty());
}

TEST(Matrix, MemoryAndRangeStandWithThePinAndTheBreaker) {
  RunRecord run;
  Cell one = cell("6.1", "vmsplice", "punch-hole", "none");
  run.trials.push_back(sample::passed(one, 0));
  one.range = "elsewhere";
  run.trials.push_back(sample::failed(one, 1, {"stuck"}));
  one.memory = "private";
  run.trials.push_back(sample::passed(one, 2));
  const std::string text = format_matrix(run, {}, {});
  EXPECT_THAT(text, HasSubstr("\nvmsplice\n"
                              "  punch-hole           none  .\n"
                              "  punch-hole:elsewhere none  S\n"
                              "\nvmsplice of private\n"
                              "  punch-hole:elsewhere none  .\n"));
}

TEST(Matrix, ManyRowsThatLookTheSameAreFolded) {
  RunRecord run;
  std::uint64_t index = 0;
  for (int pin = 0; pin < 40; ++pin)
    for (int breaker = 0; breaker < 30; ++breaker)
      for (int disturber = 0; disturber < 6; ++disturber) {
        Cell one = cell("6.1", fmt::format("pin-{}", pin), fmt::format("breaker-{}", breaker),
                        fmt::format("disturber-{}", disturber));
        const bool bad = pin == 7 && breaker == 3 && disturber == 5;
        run.trials.push_back(bad ? sample::failed(one, index, {"leak"})
                                 : sample::passed(one, index));
        ++index;
      }
  const std::string text = format_matrix(run, {}, {.width = 80});
  expect_fits(text, 80);
  EXPECT_LT(lines_of(text).size(), 20U) << text;
  EXPECT_THAT(text, HasSubstr("\npin-7\n"
                              "  breaker-3      disturber-5  X\n"
                              "                 others       .\n"
                              "  other breakers any          .\n"));
  EXPECT_THAT(text, HasSubstr("pin-0, pin-1, pin-2"));
}

/// A pairwise run: every pin with every breaker once, all else as it comes.
RunRecord sparse_run() {
  RunRecord run;
  run.environments = {sample::environment("6.1", "6.1.0", "6.1-1", "fsdax-one"),
                      sample::environment("7.2", "7.2.0", "7.2-1", "zero")};
  for (const char* kernel : {"6.1", "7.2"})
    for (std::uint64_t index = 0; index < 40U * 30U; ++index) {
      Cell one =
          cell(kernel, fmt::format("pin-{}", index / 30), fmt::format("breaker-{}", index % 30),
               index % 7 == 3 ? "munmap" : fmt::format("disturber-{}", index % 22));
      one.filesystem = index % 2 == 0 ? "ext4" : "xfs";
      one.memory = index % 5 == 0 ? "private" : "shared";
      if (one.disturber == "munmap" && one.kernel == "6.1" && index % 4 != 0)
        run.trials.push_back(sample::failed(one, index, {"leak", "early-break"}));
      else if (index == 17)
        run.trials.push_back(sample::skipped(one, index, "why"));
      else
        run.trials.push_back(sample::passed(one, index));
    }
  run.plan = {.job = "full.job",
              .fingerprint = "x",
              .cells = 4711,
              .of = 4,
              .shards = {2},
              .covers = {{.job = "pairs", .seed = 1, .cells = 1234, .pairs = 9876}}};
  return run;
}

TEST(Matrix, SparseRunsGetATableForEachAxis) {
  const std::string text = format_matrix(sparse_run(), {}, {.width = 100});
  expect_fits(text, 100);
  EXPECT_LT(lines_of(text).size(), 140U);
  EXPECT_THAT(text, HasSubstr("6.1 fsdax-one"));
  EXPECT_THAT(text, HasSubstr(" pass fail    ? skip"));
  EXPECT_THAT(text, HasSubstr("\nfilesystem\n  ext4 "));
  EXPECT_THAT(text,
              HasSubstr("\n  munmap            42  129            XE     170              1\n"))
      << text;
  EXPECT_THAT(text, HasSubstr("X leak"));
  EXPECT_THAT(text, Not(HasSubstr("page size"))) << "an axis with one value";
}

TEST(Report, SparseFindingsSayWhatTheyHaveInCommon) {
  const std::string text = format_findings(sparse_run(), {}, {.width = 100});
  EXPECT_THAT(text, HasSubstr("  Common   disturber munmap (129 of 171)\n")) << text;
}

TEST(Report, TheChoiceOfCellsIsTold) {
  const std::string text = format_report(sparse_run(), {}, {});
  EXPECT_THAT(text, HasSubstr("pairs: pairwise, seed 1: 1,234 cells cover 9,876 pairs.\n"));
  EXPECT_THAT(text, HasSubstr("Only shard 2 of 4 was run: the whole plan has 4,711 cells.\n"));
}

TEST(Matrix, NothingRanIsSaid) {
  EXPECT_EQ(format_matrix({}, {}, {}), "");
  RunRecord run;
  run.incidents = {{.kernel = "7.2", .what = "missing", .sentence = "the suite sid is not there"}};
  const std::string text = format_report(run, {}, {});
  EXPECT_THAT(text, HasSubstr("No trial was run."));
  EXPECT_THAT(text, HasSubstr("7.2: missing: the suite sid is not there"));
  EXPECT_THAT(text, HasSubstr("7.2: no trial ran."));
}

TEST(Report, EverythingInconclusiveIsSaidLoudly) {
  RunRecord run;
  run.environments = {sample::environment("6.1", "6.1.0", "6.1-1", "fsdax-one")};
  run.environments[0].observer = "BPF is not permitted";
  for (std::uint64_t i = 0; i < 5; ++i)
    run.trials.push_back(sample::inconclusive(cell("6.1", "p", "b" + std::to_string(i), "none"), i,
                                              "the observer does not run"));
  const std::string text = format_report(run, {}, {});
  EXPECT_THAT(text, HasSubstr("5 trials, ALL that ran, proved nothing"));
  EXPECT_THAT(text, HasSubstr("      5 inconclusive: the observer does not run"));
  EXPECT_THAT(text, HasSubstr("no trial of this kernel can pass"));
}

TEST(Report, FindingsAreExplained) {
  const std::string text = format_findings(sample::stock_run(), shipped(), {.width = 100});
  expect_fits(text, 100);
  EXPECT_THAT(text,
              HasSubstr("6.1 (6.1.192-2, fsdax-one): lost-wakeup in 96 of 192 trials: the page "
                        "became idle"));
  EXPECT_THAT(text, HasSubstr("  Cells    */*/{io-uring,libaio,odirect-read,odirect-write}/*/"
                              "{none,refault}\n"));
  EXPECT_THAT(text, HasSubstr("  Again    came back in 288 of 288 attempts\n"));
  EXPECT_THAT(text, HasSubstr("  Known    bio-put-loses-wake: "));
  EXPECT_THAT(text, HasSubstr("  Known    unmapped-file-not-scanned, see above\n"));
  EXPECT_THAT(text, HasSubstr("  Example  ext4/4k/odirect-read/truncate/none: truncate did"));
  EXPECT_THAT(text, HasSubstr("|  +2043.118 ms  poke\n"));
}

TEST(Report, WhatTheTimelineLacksIsSaid) {
  RunRecord run = sample::stock_run();
  run.trials.assign(
      {sample::failed(cell("6.1", "futex-traffic", "truncate", "none"), 1, {"lost-wakeup"})});
  EXPECT_THAT(format_findings(run, {}, {.width = 80}), Not(HasSubstr("written down")));
  run.trials.front().timeline.events_left_out = 12'345'678;
  const std::string text = format_findings(run, {}, {.width = 80});
  expect_fits(text, 80);
  EXPECT_THAT(text,
              HasSubstr("(puts and wakes that came too often to be written down: 12,345,678)\n"))
      << text;
}

TEST(Report, ATrialWithTwoFindingsOfAKindCountsOnce) {
  RunRecord run = sample::stock_run();
  run.trials.assign({sample::failed(cell("6.1", "vmsplice", "truncate", "none"), 1,
                                    {"kernel-warning", "kernel-warning"})});
  const std::string text = format_findings(run, shipped(), {.width = 100});
  EXPECT_THAT(text, HasSubstr("kernel-warning in 1 of 1 trial"));
}

TEST(Report, PartlyKnownIsSaid) {
  RunRecord run = sample::stock_run();
  run.trials.push_back(
      sample::failed(cell("6.1", "vmsplice", "truncate", "none"), 999, {"lost-wakeup"}));
  const std::string text = format_findings(run, shipped(), {.width = 100});
  EXPECT_THAT(text, HasSubstr("Known    bio-put-loses-wake (96 of 97)"));
  EXPECT_THAT(text, HasSubstr("New      1 of 97 are not explained by known-findings"));
  EXPECT_THAT(text, HasSubstr("Example  ext4/4k/vmsplice/truncate/none"));
}

TEST(Report, CountsNameEveryReason) {
  RunRecord run;
  run.trials = {sample::skipped(cell("6.1", "p", "b", "none"), 0, "no ext4"),
                sample::skipped(cell("6.1", "p", "b", "x"), 1, "no ext4"),
                sample::skipped(cell("6.1", "q", "b", "x"), 2, "can wedge the machine"),
                sample::passed(cell("6.1", "r", "b", "x"), 3)};
  EXPECT_EQ(format_counts(run, {}, {}),
            "4 trials: 1 passed, 0 failed, 0 inconclusive, 3 skipped\n"
            "      2 skipped: no ext4\n"
            "      1 skipped: can wedge the machine\n");
}

TEST(Report, IncidentShowsTheLastLinesOfTheConsole) {
  RunRecord run;
  run.incidents = {{.kernel = "6.1", .what = "panic", .sentence = "it died"}};
  for (int i = 0; i < 30; ++i)
    run.incidents[0].console.push_back("line " + std::to_string(i));
  const std::string text = format_incidents(run, {});
  EXPECT_THAT(text, HasSubstr("line 29"));
  EXPECT_THAT(text, Not(HasSubstr("line 19\n")));
}

TEST(Report, PagesAstrayAndTimeAreTold) {
  RunRecord run = sample::stock_run();
  run.censuses = {{.kernel = "7.2",
                   .subject = "xfs namespace",
                   .histogram = {{0, 131'070}, {1, 2}},
                   .idle_expected = true,
                   .idle = 0}};
  const std::string text = format_report(run, shipped(), {});
  EXPECT_THAT(text, HasSubstr("7.2 (7.2.13-1, zero): 2 pages of xfs namespace not idle: count 0 x "
                              "131070, count 1 x 2."));
  EXPECT_THAT(
      text,
      HasSubstr("Time: 7m12s in all; the machines spent: trials 5m41s, boot 1m06s, fetch 12s"));
  EXPECT_THAT(text, HasSubstr("software emulation"));
}

TEST(Cells, AreDescribedExactly) {
  std::vector<Cell> all;
  for (const char* pin : {"a", "b", "c"})
    for (const char* breaker : {"x", "y"})
      for (const char* disturber : {"none", "munmap"})
        all.push_back(cell("k", pin, breaker, disturber));
  EXPECT_THAT(describe_cells(all, all), ElementsAre("ext4/4k/*/*/*"));
  EXPECT_THAT(describe_cells({all[0]}, all), ElementsAre("ext4/4k/a/x/none"));
  EXPECT_THAT(describe_cells({all[1], all[3], all[5], all[7]}, all),
              ElementsAre("ext4/4k/{a,b}/*/munmap"));
  EXPECT_THAT(describe_cells({all[0], all[1], all[2], all[3], all[5]}, all),
              ElementsAre("ext4/4k/a/*/*", "ext4/4k/b/x/munmap"));
  EXPECT_TRUE(describe_cells({}, all).empty());
  EXPECT_THAT(describe_cells({all[0]}, {}), ElementsAre("ext4/4k/a/x/none"));
}

TEST(Cells, MemoryAndRangeArePartOfThePattern) {
  std::vector<Cell> all;
  for (const char* memory : {"shared", "private"})
    for (const char* range : {"same-page", "elsewhere"}) {
      Cell one = cell("k", "a", "x", "none");
      one.memory = memory;
      one.range = range;
      all.push_back(one);
    }
  EXPECT_THAT(describe_cells(all, all), ElementsAre("ext4/*/a/*/none"));
  EXPECT_THAT(describe_cells({all[1]}, all), ElementsAre("ext4/4k/a/x:elsewhere/none"));
  EXPECT_THAT(describe_cells({all[2], all[3]}, all), ElementsAre("ext4/4k+private/a/*/none"));
  EXPECT_THAT(common_factors({all[2], all[3]}, all), ElementsAre("memory private (2 of 2)"));
  EXPECT_TRUE(common_factors(all, all).empty());
}

TEST(Style, ObeysTerminalLocaleAndNoColor) {
  EXPECT_TRUE(style_for(true, nullptr, "en_US.UTF-8", 80).colour);
  EXPECT_TRUE(style_for(true, "", "C", 80).colour) << "an empty NO_COLOR forbids nothing";
  EXPECT_FALSE(style_for(true, "1", "C", 80).colour);
  EXPECT_FALSE(style_for(false, nullptr, "C.UTF-8", 0).colour);
  EXPECT_TRUE(style_for(false, nullptr, "C.utf8", 0).utf8);
  EXPECT_FALSE(style_for(true, nullptr, "C", 80).utf8);
  EXPECT_FALSE(style_for(true, nullptr, nullptr, 80).utf8);
  EXPECT_EQ(style_for(false, nullptr, nullptr, 0).width, 100);
  const Style colours{.colour = true, .utf8 = true};
  EXPECT_THAT(format_matrix(sample::stock_run(), {}, colours), HasSubstr("\033[32m✓\033[0m"));
}

TEST(Text, WrapsAndCuts) {
  EXPECT_EQ(wrap("aaa bbb ccc", 20, "- ", "  "), "- aaa bbb ccc\n");
  EXPECT_EQ(wrap("aaaaaaaa bbbbbbbb cccccccc", 20, "- ", "  "),
            "- aaaaaaaa bbbbbbbb\n  cccccccc\n");
  EXPECT_EQ(wrap("", 20, "- ", "  "), "- \n");
  EXPECT_EQ(shorten("größe", 5), "größe");
  EXPECT_EQ(shorten("größer", 4), "grö~");
  EXPECT_EQ(shorten("x", 0), "");
  EXPECT_EQ(format_span(0.84), "0.8s");
  EXPECT_EQ(format_span(59.7), "1m00s");
  EXPECT_EQ(format_span(3725), "1h02m");
  EXPECT_EQ(format_span(-1), "?");
  EXPECT_EQ(enumerate({"a", "b", "c"}), "a, b and c");
  EXPECT_EQ(thousands(0), "0");
  EXPECT_EQ(thousands(999), "999");
  EXPECT_EQ(thousands(1234567), "1,234,567");
}

}  // namespace
}  // namespace daxbreak
