// SPDX-License-Identifier: GPL-2.0
#include "job/job_file.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <map>

namespace daxbreak {
namespace {

using Names = std::vector<std::string>;

/// Job files and variables of a test.
struct World {
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> variables;

  [[nodiscard]] IniSources sources() const {
    return {.read = [this](const std::filesystem::path& path) -> Result<std::string> {
              const auto found = files.find(path.string());
              if (found == files.end()) return Error{"open " + path.string(), ENOENT};
              return found->second;
            },
            .variable = [this](const std::string& name) -> std::optional<std::string> {
              const auto found = variables.find(name);
              if (found == variables.end()) return std::nullopt;
              return found->second;
            }};
  }
};

Vocabulary words() {
  return {.kernels = {"5.10", "6.1", "6.12", "7.2"},
          .pins = {"io-uring", "odirect-read", "vmsplice"},
          .self_tests = {"self-test-panic"},
          .breakers = {"punch-hole", "truncate"},
          .disturbers = {"munmap", "none", "refault"},
          .gates = {"dm", "null-blk"},
          .memories = {"hole", "shared"},
          .ranges = {"same-page", "elsewhere"}};
}

Result<std::vector<Job>> load(const std::string& text, const std::vector<Override>& overrides = {},
                              World world = {}) {
  world.files["a.job"] = text;
  return load_jobs("a.job", overrides, words(), world.sources());
}

/// The sentence that a bad file is answered with.
std::string complaint(const std::string& text, const std::vector<Override>& overrides = {},
                      const World& world = {}) {
  auto jobs = load(text, overrides, world);
  return jobs ? "no complaint" : jobs.error().message();
}

const std::string good = "[j]\npin=vmsplice\nbreaker=truncate\n";

TEST(JobFile, GlobalActsOnTheSectionsBelowIt) {
  auto jobs = load(
      "[global]\npin=vmsplice\nbreaker=truncate\n[one]\n"
      "[global]\nbreaker=punch-hole\n[two]\npin=odirect-read\n[three]\n");
  ASSERT_TRUE(jobs) << jobs.error().message();
  ASSERT_EQ(jobs->size(), 3U);
  EXPECT_EQ((*jobs)[0].breakers, Names{"truncate"});
  EXPECT_EQ((*jobs)[1].breakers, Names{"punch-hole"});
  EXPECT_EQ((*jobs)[1].pins, Names{"odirect-read"});
  EXPECT_EQ((*jobs)[2].name, "three");
  EXPECT_EQ((*jobs)[2].pins, Names{"vmsplice"});
}

TEST(JobFile, ReadsEveryKey) {
  auto jobs = load(
      "; a comment\n# another\n\n[ j ]\n"
      "  kernel = 6.1, 7.2   ; why\n"
      "filesystem=xfs\npagesize=4k,2M,4096\npin=all\nbreaker=!truncate\ndisturber=all,!refault\n"
      "gate=null-blk\nmemory=all\nrange=elsewhere\ncover=pairwise\nseed=42\nweight=7\n"
      "runtime=90\nrepeat=3\npatience=2.5\ncompletion=250ms\nnvdimm-size=1g\nnvdimms=3\n"
      "directory=/mnt/a#b\ndescription=what = it is\nstonewall\n");
  ASSERT_TRUE(jobs) << jobs.error().message();
  const Job& job = jobs->front();
  EXPECT_EQ(job.name, "j");
  EXPECT_EQ(job.kernels, (Names{"6.1", "7.2"}));
  EXPECT_EQ(job.filesystems, Names{"xfs"});
  EXPECT_EQ(job.page_sizes, (std::vector<std::uint64_t>{4096, 2U << 20}));
  EXPECT_EQ(job.pins, (Names{"io-uring", "odirect-read", "vmsplice"}));
  EXPECT_EQ(job.breakers, Names{"punch-hole"});
  EXPECT_EQ(job.disturbers, (Names{"munmap", "none"}));
  EXPECT_EQ(job.gates, Names{"null-blk"});
  EXPECT_EQ(job.memories, (Names{"hole", "shared"}));
  EXPECT_EQ(job.ranges, Names{"elsewhere"});
  EXPECT_EQ(job.cover, Cover::pairwise);
  EXPECT_EQ(job.seed, 42U);
  EXPECT_EQ(job.weight, 7U);
  EXPECT_EQ(job.runtime, std::chrono::seconds(90));
  EXPECT_EQ(job.repeat, 3U);
  EXPECT_DOUBLE_EQ(job.patience, 2.5);
  EXPECT_EQ(job.completion, std::chrono::milliseconds(250));
  EXPECT_EQ(job.nvdimm_size, 1UL << 30);
  EXPECT_EQ(job.nvdimm_count, 3U);
  EXPECT_EQ(job.directory, "/mnt/a#b");
  EXPECT_EQ(job.description, "what = it is");
  EXPECT_TRUE(job.stonewall);
}

TEST(JobFile, UnknownWordsHaveLineColumnAndTheNearest) {
  EXPECT_EQ(complaint("[j]\n  braeker=truncate\n"),
            "a.job:2:3: unknown key \"braeker\"; did you mean \"breaker\"?");
  EXPECT_EQ(complaint("[j]\npin=vmsplice, odirect-raed\n"),
            "a.job:2:15: no pin is called \"odirect-raed\"; did you mean \"odirect-read\"?");
  EXPECT_EQ(complaint("[j]\nbreaker=banana\n"),
            "a.job:2:9: no breaker is called \"banana\"; there is punch-hole, truncate");
  EXPECT_EQ(complaint("[j]\nkernel=6.11\n"),
            "a.job:2:8: no kernel is called \"6.11\"; did you mean \"6.1\"?");
  EXPECT_EQ(complaint("[j]\nfilesystem=btrfs\n"),
            "a.job:2:12: no filesystem is called \"btrfs\"; there is ext4, xfs");
}

TEST(JobFile, SenselessValuesAreExplained) {
  EXPECT_EQ(complaint("[j]\npagesize=3k\n"),
            "a.job:2:10: pagesize=3k makes no sense; DAX maps files with pages of 4k or 2m, "
            "devices with 1g too");
  EXPECT_EQ(complaint("[j]\nsize=-1\n"), "a.job:2:6: \"-1\" is not a size: it is negative");
  EXPECT_EQ(complaint("[j]\nsize=100k\n"),
            "a.job:2:6: size=100k makes no sense; an NVDIMM has 64m to 64g, in steps of 16m");
  EXPECT_EQ(complaint("[j]\ncompletion=2y\n"),
            "a.job:2:12: \"2y\" is not a time: the unit \"y\" is none of ns, us, ms, s, m, h, d");
  EXPECT_EQ(complaint("[j]\ncompletion=2h\n").substr(0, 40),
            "a.job:2:12: completion=2h makes no sense");
  EXPECT_EQ(complaint("[j]\nrepeat=0\n"),
            "a.job:2:8: repeat=0 makes no sense; it is a whole number from 1 to 100000");
  EXPECT_EQ(complaint("[j]\nweight=1001\n"),
            "a.job:2:8: weight=1001 makes no sense; it is a whole number from 1 to 1000");
  EXPECT_EQ(complaint("[j]\nseed=-1\n").substr(0, 32), "a.job:2:6: seed=-1 makes no sens");
  EXPECT_EQ(complaint("[j]\ncover=pairwize\n"),
            "a.job:2:7: no cover is called \"pairwize\"; did you mean \"pairwise\"?");
  EXPECT_EQ(complaint("[j]\ncover=all\n"), "a.job:2:7: cover is product or pairwise, one of them");
  EXPECT_EQ(complaint("[j]\nruntime=10ms\n").substr(0, 38),
            "a.job:2:9: runtime=10ms makes no sense");
  EXPECT_EQ(complaint("[j]\nmemory=whole\n"),
            "a.job:2:8: no kind of memory is called \"whole\"; did you mean \"hole\"?");
  EXPECT_NE(complaint("[j]\npatience=nan\n"), "no complaint");
  EXPECT_EQ(complaint("[j]\npin=\n"), "a.job:2:1: pin has no value; write pin=NAME,...");
  EXPECT_EQ(complaint("[j]\npin=vmsplice,,io-uring\n"),
            "a.job:2:14: the list of pins has an empty place");
  EXPECT_EQ(complaint("[j]\npin=vmsplice,!vmsplice\n"),
            "a.job:2:5: \"vmsplice,!vmsplice\" leaves no pin");
  EXPECT_EQ(complaint("[j]\npin=vmsplice\n"),
            "a.job:1:1: the job [j] names no breaker; write breaker=all or some of them");
  EXPECT_EQ(complaint(good + "size=128m\n"),
            "a.job:1:1: the job [j] wants xfs on an NVDIMM of 128m, but mkfs.xfs needs 320m");
}

TEST(JobFile, BadStructureIsExplained) {
  EXPECT_EQ(complaint("pin=vmsplice\n"),
            "a.job:1:1: \"pin=vmsplice\" stands before the first [section]");
  EXPECT_EQ(complaint("[j\n"), "a.job:1:1: the section name \"[j\" lacks its closing ]");
  EXPECT_EQ(complaint("[]\n"), "a.job:1:1: the section has no name");
  EXPECT_EQ(complaint(good + good), "a.job:4:1: there are two jobs called [j]");
  EXPECT_EQ(complaint(""),
            "a.job: there is no job in this file, that is no [section] but [global]");
  EXPECT_EQ(complaint(std::string("[j]\nx\0y\n", 8)),
            "a.job:2:1: this is not text: there is a zero byte in the line");
  EXPECT_EQ(load_jobs("gone.job", {}, words(), World{}.sources()).error().message(),
            "open gone.job: No such file or directory");
}

TEST(JobFile, VariablesAreReplacedAsInFio) {
  World world;
  world.variables["PIN"] = "vmsplice";
  auto jobs = load("[j]\npin=${PIN}\nbreaker=truncate${NOTHING}\n", {}, world);
  ASSERT_TRUE(jobs) << jobs.error().message();
  EXPECT_EQ(jobs->front().pins, Names{"vmsplice"});
  EXPECT_EQ(complaint("[j]\ndirectory=${DAX}\n"),
            "a.job:2:1: directory has no value, because ${DAX} is not set; write directory=DIR");
}

TEST(JobFile, IncludesFilesWithoutSections) {
  World world;
  world.files["pins.inc"] = "pin=vmsplice\nbreaker=truncate\n";
  world.files["sub/x.job"] = "[j]\ninclude y.inc\n";
  world.files["sub/y.inc"] = "[k]\n";
  world.files["loop.inc"] = "include loop.inc\n";
  world.files["bad.inc"] = "\npin=nothing-like-it\n";
  EXPECT_TRUE(load("[j]\ninclude pins.inc\n", {}, world));
  EXPECT_EQ(complaint("[j]\ninclude sub/y.inc\n", {}, world),
            "sub/y.inc:1:1: an included file may not have sections, but here is [k]");
  EXPECT_EQ(load_jobs("sub/x.job", {}, words(), world.sources()).error().message(),
            "sub/y.inc:1:1: an included file may not have sections, but here is [k]");
  EXPECT_EQ(complaint("[j]\ninclude loop.inc\n", {}, world),
            "loop.inc:1:1: \"loop.inc\" is included more than 8 files deep; does it include "
            "itself?");
  EXPECT_EQ(complaint("[j]\ninclude gone.inc\n", {}, world),
            "a.job:2:1: open gone.inc: No such file or directory");
  EXPECT_EQ(complaint("[j]\ninclude bad.inc\n", {}, world).substr(0, 12), "bad.inc:2:5:");
}

TEST(JobFile, SwitchesWinOverTheFile) {
  auto jobs = load(good, {{"pin", "io-uring"}, {"nvdimm-size", "1g"}});
  ASSERT_TRUE(jobs) << jobs.error().message();
  EXPECT_EQ(jobs->front().pins, Names{"io-uring"});
  EXPECT_EQ(jobs->front().nvdimm_size, 1UL << 30);
  EXPECT_EQ(complaint(good, {{"pin", "iouring"}}),
            "--pin: no pin is called \"iouring\"; did you mean \"io-uring\"?");
  EXPECT_EQ(complaint(good, {{"pni", "x"}}), "--pni: unknown key \"pni\"; did you mean \"pin\"?");
}

TEST(JobFile, SelfTestsAreOnlyMeantByName) {
  auto jobs = load(good, {{"pin", "all"}});
  ASSERT_TRUE(jobs) << jobs.error().message();
  EXPECT_EQ(jobs->front().pins, (Names{"io-uring", "odirect-read", "vmsplice"}));
  jobs = load(good, {{"pin", "vmsplice,self-test-panic"}});
  ASSERT_TRUE(jobs) << jobs.error().message();
  EXPECT_EQ(jobs->front().pins, (Names{"vmsplice", "self-test-panic"}));
}

TEST(JobFile, TheLongestRuntimeCounts) {
  EXPECT_EQ(runtime_of({}), Nanos::zero());
  auto jobs =
      load("[global]\npin=vmsplice\nbreaker=truncate\n[a]\nruntime=2m\n[b]\n[c]\nruntime=90\n");
  ASSERT_TRUE(jobs) << jobs.error().message();
  EXPECT_EQ(runtime_of(*jobs), std::chrono::minutes(2));
  using namespace std::chrono_literals;
  EXPECT_EQ(not_begun_reason(2min), "not begun within runtime=2m");
  EXPECT_EQ(not_begun_reason(90s), "not begun within runtime=90s");
  EXPECT_EQ(not_begun_reason(1h), "not begun within runtime=1h");
  EXPECT_EQ(not_begun_reason(1500ms), "not begun within runtime=1500ms");
}

TEST(JobFile, SectionsAreChosenByName) {
  auto jobs = load("[global]\npin=vmsplice\nbreaker=truncate\n[one]\n[two]\n");
  ASSERT_TRUE(jobs);
  auto chosen = select_jobs(*jobs, {"two"});
  ASSERT_TRUE(chosen);
  ASSERT_EQ(chosen->size(), 1U);
  EXPECT_EQ(chosen->front().name, "two");
  EXPECT_EQ(select_jobs(*jobs, {"tow"}).error().message(),
            "--section: no section is called \"tow\"; did you mean \"two\"?");
}

}  // namespace
}  // namespace daxbreak
