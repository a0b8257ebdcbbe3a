// SPDX-License-Identifier: GPL-2.0
#include "report/checks.h"

#include <gtest/gtest.h>

#include "report/junit.h"
#include "report/ktap.h"
#include "report_run.h"

namespace daxbreak {
namespace {

const Cell usual{.kernel = "6.1", .filesystem = "ext4", .pin = "libaio", .breaker = "truncate"};

RunRecord run_of(TrialRecord trial) {
  RunRecord run;
  run.environments = {sample::environment("6.1", "6.1.0", "6.1.192-2", "fsdax-one")};
  run.trials = {std::move(trial)};
  return run;
}

CheckState state_of(const RunRecord& run, Expect expect) {
  return checks_of(run, sample::report_known(), expect).front().checks.front().state;
}

TEST(Checks, KnownFindingsFailUnlessExpected) {
  const RunRecord run = run_of(sample::failed(usual, 0, {"lost-wakeup"}));
  EXPECT_EQ(state_of(run, Expect::pass), CheckState::failed);
  EXPECT_EQ(state_of(run, Expect::known), CheckState::excused);
  const RunRecord other = run_of(sample::failed(usual, 0, {"lost-wakeup", "stuck"}));
  EXPECT_EQ(state_of(other, Expect::known), CheckState::failed);
}

/// A CI system that reads the file and one that looks at the status come to the same end.
TEST(Checks, SayWhatTheExitStatusSays) {
  std::vector<RunRecord> runs = {run_of(sample::passed(usual, 0)),
                                 run_of(sample::failed(usual, 0, {"lost-wakeup"})),
                                 run_of(sample::failed(usual, 0, {"stuck"})),
                                 run_of(sample::skipped(usual, 0, "why")),
                                 run_of(sample::inconclusive(usual, 0, "why")),
                                 RunRecord{}};
  runs.push_back(runs.front());
  runs.back().incidents = {{.kernel = "6.1", .what = "panic"}};
  runs.push_back(runs.front());
  runs.back().incidents = {{.kernel = "6.1", .what = "silence", .made_good = true}};
  runs.push_back(runs.front());
  runs.back().censuses = {{.kernel = "6.1", .histogram = {{1, 9}, {2, 1}}, .idle_expected = true}};
  runs.push_back(runs.front());
  runs.back().environments.push_back(sample::environment("7.2", "7.2", "7.2-1", "zero"));
  for (std::size_t i = 0; i < runs.size(); ++i)
    for (const Expect expect : {Expect::pass, Expect::known}) {
      const auto suites = checks_of(runs[i], sample::report_known(), expect);
      const bool good = std::all_of(suites.begin(), suites.end(),
                                    [](const CheckSuite& suite) { return suite.good(); });
      EXPECT_EQ(good, exit_status_of(runs[i], sample::report_known(), expect) == exit_status::pass)
          << "run " << i;
    }
}

TEST(Checks, AnEmptyRunIsBroken) {
  const auto suites = checks_of({}, {}, Expect::pass);
  ASSERT_EQ(suites.size(), 1U);
  EXPECT_FALSE(suites.front().good());
}

TEST(Ktap, ResultLines) {
  const std::string passed = format_ktap(run_of(sample::passed(usual, 0)), {}, Expect::pass);
  EXPECT_TRUE(passed.starts_with("KTAP version 1\n1..1\n  KTAP version 1\n  # Subtest: 6.1\n"));
  EXPECT_NE(passed.find("\n  ok 1 ext4/4k/libaio/truncate/none\n"), std::string::npos);
  EXPECT_TRUE(passed.ends_with("\nok 1 6.1\n"));
  const std::string failed =
      format_ktap(run_of(sample::failed(usual, 0, {"stuck"})), {}, Expect::pass);
  EXPECT_NE(failed.find("\n  not ok 1 ext4/4k/libaio/truncate/none\n"), std::string::npos);
  EXPECT_NE(failed.find("\n  # ext4/4k/libaio/truncate/none: stuck: truncate did something"),
            std::string::npos);
  EXPECT_TRUE(failed.ends_with("\nnot ok 1 6.1\n"));
  const std::string skipped =
      format_ktap(run_of(sample::skipped(usual, 0, "no\nsuch # thing")), {}, Expect::pass);
  EXPECT_NE(skipped.find("\n  ok 1 ext4/4k/libaio/truncate/none # SKIP no such # thing\n"),
            std::string::npos);
}

TEST(Junit, XmlText) {
  EXPECT_EQ(xml_text("<a b=\"c\">&]]>"), "&lt;a b=&quot;c&quot;&gt;&amp;]]&gt;");
  EXPECT_EQ(xml_text("\x01\x1f\t\n"), "\xEF\xBF\xBD\xEF\xBF\xBD\t\n");
  EXPECT_EQ(xml_text("\xff\xc3\xa9\xc3"), "\xEF\xBF\xBD\xc3\xa9\xEF\xBF\xBD");
  EXPECT_EQ(xml_text("\xed\xa0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
  EXPECT_EQ(xml_text("\xef\xbf\xbf"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // U+FFFF
  EXPECT_EQ(xml_text("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
}

}  // namespace
}  // namespace daxbreak
