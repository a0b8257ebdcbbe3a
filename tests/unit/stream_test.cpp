// SPDX-License-Identifier: GPL-2.0
#include "result/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/file.h"
#include "result/event_log.h"
#include "result/saved_run.h"
#include "sample_run.h"

namespace daxbreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A run with every field of every record away from its default.
RunRecord full_run() {
  RunRecord run = sample::stock_run();
  run.trials.resize(3);
  TrialRecord& trial = run.trials.back();
  trial = sample::failed({.kernel = "6.1",
                          .filesystem = "xfs",
                          .page_size = sample::huge_page,
                          .pin = "libaio",
                          .breaker = "punch-hole",
                          .disturber = "munmap",
                          .gate = "null-blk",
                          .memory = "private",
                          .range = "elsewhere"},
                         7, {"leak", "early-break"});
  trial.attempts = 4;
  trial.came_back = 3;
  trial.seconds = 0.1 + 0.2;  // no short decimal form
  Timeline& timeline = trial.timeline;
  timeline.frees_page = false;
  timeline.must_be_refused = timeline.ends_breaker = timeline.unmaps = true;
  timeline.foll_pin = timeline.pmd_mapped = true;
  timeline.observer_gap = "no BTF";
  timeline.events_lost = std::numeric_limits<std::uint64_t>::max();
  timeline.events_left_out = std::numeric_limits<std::uint64_t>::max() - 1;
  timeline.skip = "skip \"quoted\"\n";
  timeline.trouble = "trouble \xc3\xbc";
  for (int kind = 0; kind <= static_cast<int>(EventKind::put); ++kind)
    timeline.events.push_back({.t_ns = std::numeric_limits<std::int64_t>::max() - kind,
                               .kind = static_cast<EventKind>(kind),
                               .tid = 4'000'000'000U,
                               .page = 0xffffea0004000040ULL,
                               .value = std::numeric_limits<std::int64_t>::min(),
                               .count = -5,
                               .mapcount = 1025,
                               .text = "pinned"});
  trial.verdict.measures = {.break_ns = 0, .put_to_wake_ns = -3, .scans = 9};
  run.environments[1].observer = "not permitted";
  run.environments[1].observer_missing = {"put_page"};
  run.censuses.push_back({.kernel = "6.1",
                          .subject = "ext4 namespace",
                          .state = "idle",
                          .histogram = {{-1, 2}, {1, 131'072}},
                          .idle_expected = true,
                          .idle = 1});
  run.plan = {.job = "full.job",
              .fingerprint = "cbf29ce484222325",
              .cells = 1234,
              .of = 4,
              .shards = {2, 3},
              .covers = {{.job = "pairs", .seed = 7, .cells = 1000, .pairs = 9876}},
              .sections = {{"pairs", "every two values"}, {"storm", "pins against holes"}}};
  run.incidents.push_back({.kernel = "7.2",
                           .what = "panic",
                           .sentence = "it died",
                           .console = {"line one", "line two"}});
  run.incidents.push_back({.kernel = "7.2", .what = "silence", .made_good = true});
  return run;
}

TEST(Stream, RunSurvivesTheRoundTripExactly) {
  const RunRecord run = full_run();
  const std::string line = to_line(to_json(run));
  auto json = parse_json(line);
  ASSERT_TRUE(json) << json.error().message();
  auto read = run_from_json(*json);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(to_line(to_json(*read)), line);

  const TrialRecord& trial = read->trials.back();
  EXPECT_EQ(trial.timeline.cell, run.trials.back().timeline.cell);
  EXPECT_EQ(trial.seconds, run.trials.back().seconds);
  EXPECT_EQ(trial.timeline.deadline, Nanos(2'000'000'000));
  EXPECT_EQ(trial.timeline.events_left_out, std::numeric_limits<std::uint64_t>::max() - 1);
  EXPECT_EQ(trial.timeline.events.back().kind, EventKind::put);
  EXPECT_EQ(trial.timeline.events.back().page, 0xffffea0004000040ULL);
  EXPECT_EQ(trial.timeline.events.back().value, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(trial.verdict.measures.break_ns, 0);  // zero is not the same as absent
  EXPECT_FALSE(trial.verdict.measures.wake_ns.has_value());
  EXPECT_EQ(read->censuses.back().histogram, run.censuses.back().histogram);
  EXPECT_EQ(read->phases, run.phases);
  EXPECT_EQ(read->plan, run.plan);
}

TEST(Stream, TypeComesFirstAndKernelAddressesAreText) {
  const std::string line = to_line(to_json(full_run().trials.back()));
  EXPECT_THAT(line, ::testing::StartsWith(R"({"type":"trial",)"));
  EXPECT_THAT(line, HasSubstr(R"("page":"0xffffea0004000040")"));
}

TEST(Stream, CellsOfOlderFilesAreTheUsualOnes) {
  Json json = to_json(Cell{.kernel = "6.1", .filesystem = "ext4", .pin = "p", .breaker = "b"});
  json.erase("memory");
  json.erase("range");
  auto read = cell_from_json(json);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->memory, "shared");
  EXPECT_EQ(read->range, "same-page");
}

TEST(Stream, NothingWasLeftOutWhereNobodySaysSo) {
  EXPECT_FALSE(to_json(Timeline{}).contains("events_left_out"));
  Json json = to_json(full_run().trials.back().timeline);
  json.erase("events_left_out");
  const auto read = timeline_from_json(json);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->events_left_out, 0U);
}

TEST(Stream, MissingKeysAreNamedAndUnknownOnesIgnored) {
  Json json = to_json(full_run().trials.back());
  json["of the future"] = 1;
  json["timeline"]["cell"]["weather"] = "fine";
  EXPECT_TRUE(trial_from_json(json));

  json["timeline"]["cell"].erase("breaker");
  auto read = trial_from_json(json);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message(), "cell has no \"breaker\"");
}

TEST(Stream, WrongValuesAreErrorsNotExceptions) {
  const auto broken = [](auto change) {
    Json json = to_json(full_run().trials.back());
    change(json);
    auto read = trial_from_json(json);
    return read ? std::string("accepted") : read.error().message();
  };
  EXPECT_EQ(broken([](Json& j) { j["index"] = -1; }), "trial has a wrong \"index\": -1");
  EXPECT_EQ(broken([](Json& j) { j["timeline"] = "x"; }), "timeline is not an object");
  EXPECT_EQ(broken([](Json& j) { j["verdict"]["outcome"] = "great"; }),
            "verdict has an unknown outcome \"great\"");
  EXPECT_EQ(broken([](Json& j) { j["timeline"]["events"][0]["k"] = "sneeze"; }),
            "event has an unknown kind \"sneeze\"");
  EXPECT_EQ(broken([](Json& j) { j["timeline"]["events"] = 3; }),
            "timeline has a \"events\" that is no list");
  EXPECT_EQ(broken([](Json& j) { j["attempts"] = 1e300; }),
            "trial has a wrong \"attempts\": 1e+300");
  EXPECT_FALSE(run_from_json(Json::array()));
  EXPECT_FALSE(census_from_json(Json::parse(R"({"kernel":"6.1","histogram":{"many":1}})")));
  EXPECT_FALSE(parse_json("{\"type\": "));
}

TEST(Stream, NewerSchemaIsRefused) {
  Json json = to_json(full_run());
  json["schema"] = stream_schema + 1;
  auto read = run_from_json(json);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message(), HasSubstr("newer daxbreak"));
  json.erase("schema");
  EXPECT_EQ(run_from_json(json).error().message(), "run has no \"schema\"");
}

TEST(Stream, ConsoleGarbageAndInfinityAreWritable) {
  RunRecord run{.seconds = std::numeric_limits<double>::infinity()};
  run.incidents.push_back({.kernel = "6.1", .what = "panic", .console = {"\xff\xfe torn \xc3"}});
  const std::string text = to_json(run).dump();  // would throw on what is not UTF-8
  auto read = run_from_json(Json::parse(text));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->seconds, 0.0);
  EXPECT_THAT(read->incidents[0].console[0], HasSubstr(" torn "));
}

class SavedRunFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "daxbreak-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::filesystem::path directory_;
};

TEST_F(SavedRunFile, EventLogIsReadBackAsTheSameRun) {
  const RunRecord run = full_run();
  const auto path = directory_ / "new" / "events.jsonl";
  auto log = EventLog::create(path);
  ASSERT_TRUE(log) << log.error().message();
  ASSERT_TRUE(log->begin(run.command, run.started, run.plan));
  for (const auto& one : run.environments)
    ASSERT_TRUE(log->append(to_json(one)));
  ASSERT_TRUE(log->append(Json{{"type", "trial_begin"}, {"index", 0}}));
  for (const auto& one : run.trials)
    ASSERT_TRUE(log->append(to_json(one)));
  for (const auto& one : run.censuses)
    ASSERT_TRUE(log->append(to_json(one)));
  for (const auto& one : run.incidents)
    ASSERT_TRUE(log->append(to_json(one)));
  ASSERT_TRUE(log->append(to_json(run.environments[0])));  // booted again
  ASSERT_TRUE(log->append(to_json(run.trials[0])));        // rerun: replaces
  ASSERT_TRUE(log->end(run.seconds, run.phases));

  auto saved = load_run(path);
  ASSERT_TRUE(saved) << saved.error().message();
  EXPECT_EQ(to_line(to_json(saved->run)), to_line(to_json(run)));
  EXPECT_TRUE(saved->notes.empty());
  EXPECT_FALSE(EventLog::create(path)) << "an old log was overwritten";
}

TEST_F(SavedRunFile, ResultFileIsReadBack) {
  const RunRecord run = full_run();
  ASSERT_TRUE(save_run(directory_ / "run.json", run));
  auto saved = load_run(directory_ / "run.json");
  ASSERT_TRUE(saved) << saved.error().message();
  EXPECT_EQ(to_line(to_json(saved->run)), to_line(to_json(run)));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "run.json.new"));
}

TEST_F(SavedRunFile, MissingFileIsNamed) {
  auto saved = load_run(directory_ / "nothing");
  ASSERT_FALSE(saved);
  EXPECT_THAT(saved.error().message(), HasSubstr("nothing"));
}

TEST(SavedRun, StateMeasuredAgainCountsOnce) {
  const CensusRecord first{.kernel = "6.1", .subject = "ext4, 4k page", .state = "free"};
  CensusRecord again = first;
  again.histogram = {{1, 1}};
  CensusRecord whole{.kernel = "6.1", .subject = "ext4 namespace, end of run"};
  std::string text;
  for (const CensusRecord& one : {first, again, whole, whole})
    text += to_line(to_json(one));
  auto saved = parse_run(text);
  ASSERT_TRUE(saved) << saved.error().message();
  ASSERT_EQ(saved->run.censuses.size(), 3U) << "two machines' namespaces are two";
  EXPECT_EQ(saved->run.censuses.front().histogram, again.histogram);
}

TEST(SavedRun, CutLastLineIsLeftOut) {
  const std::string whole = to_line(to_json(full_run().trials[0]));
  auto saved = parse_run(whole + to_line(to_json(full_run().trials[1])).substr(0, 200));
  ASSERT_TRUE(saved) << saved.error().message();
  EXPECT_EQ(saved->run.trials.size(), 1U);
  ASSERT_EQ(saved->notes.size(), 2U);
  EXPECT_THAT(saved->notes[0], HasSubstr("cut off"));
  EXPECT_THAT(saved->notes[1], HasSubstr("interrupted"));
}

TEST(SavedRun, BrokenLineInTheMiddleIsAnErrorWithItsNumber) {
  const std::string whole = to_line(to_json(full_run().trials[0]));
  auto saved = parse_run(whole + "garbage\n" + whole);
  ASSERT_FALSE(saved);
  EXPECT_THAT(saved.error().message(), HasSubstr("line 2: not JSON"));
}

TEST(SavedRun, OtherFilesAreToldApart) {
  EXPECT_THAT(parse_run("  \n").error().message(), HasSubstr("empty"));
  EXPECT_THAT(parse_run(R"({"fio version":"fio-3.33"})").error().message(),
              HasSubstr("fio's format"));
  EXPECT_FALSE(parse_run("[1,2,3]\n"));
}

TEST(SavedRun, LinesOfTheGuestAreUnderstood) {
  RunRecord run;
  const RunRecord sample = full_run();
  Json line{{"type", "trial_end"}, {"record", to_json(sample.trials[0])}};
  ASSERT_TRUE(add_line(run, line));
  line = Json{{"type", "environment"}, {"environment", to_json(sample.environments[0])}};
  ASSERT_TRUE(add_line(run, line));
  ASSERT_TRUE(add_line(run, Json{{"type", "alive"}, {"sequence", 3}}));
  EXPECT_EQ(run.trials.size(), 1U);
  EXPECT_EQ(run.environments.size(), 1U);
}

}  // namespace
}  // namespace daxbreak
