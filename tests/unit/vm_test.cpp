// SPDX-License-Identifier: GPL-2.0
/// The pure parts around a virtual machine: its command line, its console, the judgement of its
/// end, what the guest reads of its own command line.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lab/console.h"
#include "lab/ending.h"
#include "lab/guest_setup.h"
#include "lab/lab_directory.h"
#include "lab/machine.h"

namespace daxbreak {
namespace {
using std::chrono::seconds;
using Lines = std::vector<std::string>;

constexpr std::int64_t second = 1'000'000'000;

std::string joined(const MachineSpec& spec) {
  std::string all;
  for (const auto& word : qemu_arguments(spec))
    all += word + " ";
  return all;
}

TEST(QemuArguments, NvdimmsWithoutLabelArea) {
  const auto all = joined({.vmlinuz = "/k", .accelerator = "tcg", .console = "/c"});
  EXPECT_NE(all.find("q35,nvdimm=on"), std::string::npos);
  EXPECT_NE(all.find("1536M,slots=2,maxmem=2560M"), std::string::npos) << all;
  EXPECT_NE(all.find("nvdimm,id=nvdimm1,memdev=pmem1"), std::string::npos);
  EXPECT_EQ(all.find("label-size"), std::string::npos);
  EXPECT_NE(all.find("-nic none"), std::string::npos);
}

TEST(QemuArguments, SpecialMemoryLiesBehindEverythingElse) {
  EXPECT_EQ(special_memory_parameters({}), "");
  const MachineSize size{.special_memory = true};
  // 4 GiB and 1.5 GiB of memory, rounded up to 6 GiB; 1 GiB of NVDIMMs.
  const auto all = joined({.vmlinuz = "/k", .accelerator = "tcg", .size = size, .console = "/c"});
  EXPECT_NE(all.find("pc-dimm,id=special0,memdev=special,addr=0x1c0000000"), std::string::npos)
      << all;
  // Room from 4 GiB to its end.
  EXPECT_NE(all.find("1536M,slots=3,maxmem=5120M"), std::string::npos) << all;
  const auto parameters = special_memory_parameters(size);
  EXPECT_NE(parameters.find("spm_addr_dev0=0x1c0000000 "), std::string::npos) << parameters;
  EXPECT_TRUE(parameters.ends_with("spm_addr_dev1=0x1d0000000")) << parameters;
  EXPECT_NE(
      joined({.vmlinuz = "/k", .size = {.nvdimms = 0, .special_memory = true}}).find("slots=1,"),
      std::string::npos);
}

TEST(QemuArguments, CommaInAPathIsDoubled) {
  EXPECT_NE(joined({.vmlinuz = "/k", .console = "/a,b"}).find("path=/a,,b"), std::string::npos);
}

TEST(MachineSize, NonsenseIsRefused) {
  EXPECT_TRUE(check_size({}));
  EXPECT_FALSE(check_size({.memory = 1}));
  EXPECT_FALSE(check_size({.cpus = 0}));
  EXPECT_FALSE(check_size({.nvdimms = 1000}));
  EXPECT_FALSE(check_size({.nvdimm_size = (512UL << 20) + 4096}));
}

TEST(Console, ControlBytesAndEscapesGo) {
  EXPECT_EQ(console_lines("\x1b[1;31mred\x1b[0m\r\n\r\n\x1b"
                          "cplain\ttext\x07"),
            (Lines{"red", "plain text"}));
}

TEST(Console, Health) {
  EXPECT_EQ(health_of({"[    1.0] WARNING: CPU: 0", "x said BUG: once"}), Health::well);
  EXPECT_EQ(health_of({"[    1.0] BUG: kernel NULL pointer dereference"}), Health::oops);
  EXPECT_EQ(health_of({"[    1.0][    T7] watchdog: BUG: soft lockup - CPU#0 stuck for 26s!"}),
            Health::oops);
  EXPECT_EQ(health_of({"[    1.0] Internal error: Oops"}), Health::oops);
  EXPECT_EQ(health_of({"[    1.0] daxbreak: trial 7 BUG: in a name"}), Health::well);
  EXPECT_EQ(health_of({"[    1.0] Oops: 0002 [#1]", "[ 2.0] Kernel panic - not syncing: Fatal"}),
            Health::panic);
}

TEST(Console, TellingLinesBeginBeforeTheDisaster) {
  Lines lines(100, "[    1.0] chatter");
  lines[60] = "[    2.0] BUG: unable to handle page fault";
  const auto some = telling_lines(lines, 20);
  ASSERT_EQ(some.size(), 20U);
  EXPECT_EQ(some[4], lines[60]);
  EXPECT_EQ(telling_lines(Lines(100, "a"), 20).size(), 20U);
  EXPECT_EQ(telling_lines({"a"}, 20).size(), 1U);
}

class Watch : public ::testing::Test {
 protected:
  SessionLimits limits_ = session_limits("kvm", 1);
  BootWatch watch_{limits_, 0};
  std::int64_t now_ = 0;

  void hear(const Message& message, std::int64_t after_seconds = 1) {
    now_ += after_seconds * second;
    watch_.heard(message, now_);
  }
  void come_up() {
    hear(Hello{});
    watch_.plan_sent(now_);
    hear(Ready{});
  }
  [[nodiscard]] std::optional<Cause> late(Nanos by, bool oops = false) const {
    const auto found = watch_.overdue(now_ + by.count(), oops);
    return found ? std::optional(found->cause) : std::nullopt;
  }
};

TEST_F(Watch, BootThatNeverComesUp) {
  EXPECT_FALSE(late(limits_.boot));
  EXPECT_EQ(late(limits_.boot + seconds(1)), Cause::never_up);
}

TEST_F(Watch, ProvisioningThatHangsWhilePid1Lives) {
  hear(Hello{});
  watch_.plan_sent(now_);
  while (Nanos(now_) < limits_.provision)
    hear(Alive{});
  hear(Alive{}, 3);
  EXPECT_EQ(late({}), Cause::never_up);
}

TEST_F(Watch, SilenceInATrial) {
  come_up();
  hear(TrialBegin{.index = 4});
  EXPECT_FALSE(late(limits_.silence));
  EXPECT_EQ(late(limits_.silence + seconds(1)), Cause::silent);
  EXPECT_EQ(watch_.open_trial(), 4U);
}

TEST_F(Watch, HeartbeatsAreNoProgress) {
  come_up();
  hear(TrialBegin{.index = 4});
  const auto begun = now_;
  while (Nanos(now_ - begun) <= limits_.news)
    hear(Alive{});
  EXPECT_EQ(late({}), Cause::stalled);
}

TEST_F(Watch, AnOopsShortensThePatience) {
  come_up();
  hear(TrialBegin{.index = 4});
  const auto begun = now_;
  while (Nanos(now_ - begun) <= limits_.after_oops)
    hear(Alive{});
  EXPECT_TRUE(watch_.suspicious(now_));
  EXPECT_FALSE(late({}, false));
  EXPECT_EQ(late({}, true), Cause::stalled);
}

TEST_F(Watch, AnEndedTrialIsNotOpen) {
  come_up();
  hear(TrialBegin{.index = 4});
  hear(TrialRecord{.index = 4});
  EXPECT_FALSE(watch_.open_trial());
  EXPECT_TRUE(watch_.came_to_trials());
}

TEST(Limits, PatienceScales) {
  EXPECT_EQ(session_limits("kvm", 2).boot, session_limits("kvm", 1).boot * 2);
  EXPECT_GT(session_limits("tcg", 1).silence, session_limits("kvm", 1).silence);
}

TEST(Ending, WordsForEveryEnd) {
  const Lines panic = {"[    3.0] Kernel panic - not syncing: sysrq triggered crash"};
  const Lines oops = {"[    3.0] BUG: kernel NULL pointer dereference, address: 0"};
  EXPECT_EQ(judge_ending(Cause::exited, "", panic, "").what, "panic");
  EXPECT_EQ(judge_ending(Cause::exited, "", panic, "").sentence,
            "Kernel panic - not syncing: sysrq triggered crash");
  EXPECT_EQ(judge_ending(Cause::silent, "quiet", panic, "").what, "panic");
  EXPECT_EQ(judge_ending(Cause::silent, "quiet", oops, "").what, "kernel-oops");
  EXPECT_EQ(judge_ending(Cause::failed, "signal 9", oops, "").what, "kernel-oops");
  EXPECT_EQ(judge_ending(Cause::silent, "quiet", {}, "").what, "silence");
  EXPECT_EQ(judge_ending(Cause::stalled, "stuck", {}, "").what, "wedge");
  EXPECT_EQ(judge_ending(Cause::wedged, "stuck", {}, "").what, "wedge");
  EXPECT_EQ(judge_ending(Cause::exited, "", {}, "").what, "panic") << "a triple fault says nothing";
  EXPECT_EQ(judge_ending(Cause::exited, "", {}, "no memory").what, "harness");
  EXPECT_TRUE(judge_ending(Cause::exited, "", panic, "").complained);
  EXPECT_TRUE(judge_ending(Cause::never_up, "late", oops, "").complained);
  EXPECT_FALSE(judge_ending(Cause::exited, "", {}, "").complained);
  EXPECT_FALSE(judge_ending(Cause::never_up, "late", {}, "").complained);
  EXPECT_EQ(judge_ending(Cause::failed, "signal 11", {}, "").what, "harness");
}

TEST(Ending, TheKernelIsNotBlamedForTheHarness) {
  const PlannedCell planned{.index = 5, .cell = {.pin = "vmsplice"}};
  const auto lost = lost_trial(planned, "6.1", {.what = "harness", .sentence = "QEMU failed"}, {});
  EXPECT_EQ(lost.verdict.outcome, Outcome::inconclusive);
  EXPECT_TRUE(lost.verdict.findings.empty());
  const auto fail =
      lost_trial(planned, "6.1", {.what = "panic", .sentence = "s", .console = {"l"}}, seconds(2));
  EXPECT_EQ(fail.verdict.outcome, Outcome::fail);
  ASSERT_EQ(fail.verdict.findings.size(), 1U);
  EXPECT_EQ(fail.verdict.findings[0].kind, "panic");
  EXPECT_EQ(fail.verdict.findings[0].evidence, Lines{"l"});
  EXPECT_EQ(fail.timeline.cell.kernel, "6.1");
  EXPECT_DOUBLE_EQ(fail.seconds, 2);
  EXPECT_EQ(skipped_trial(planned, "6.1", "why").verdict.outcome, Outcome::skip);
}

TEST(LostMeasure, IsNumberedAndTheRestIsSkipped) {
  const MeasurePoint point{.job = "s", .load = "storm", .repetitions = 5};
  BootWatch watch({}, 0);
  watch.heard(TrialBegin{.index = 4}, 1);
  watch.heard(MeasureRecord{.repetition = 1}, 2);
  watch.heard(MeasureRecord{.repetition = 2}, 3);
  ASSERT_EQ(watch.open_trial(), 4U);
  EXPECT_EQ(watch.open_for(10), Nanos(7));
  const auto lost = lost_measure(point, "6.1", {.what = "panic", .sentence = "it died"},
                                 watch.repetitions(), seconds(2));
  ASSERT_EQ(lost.size(), 3U);
  for (unsigned at = 0; at < 3; ++at) {
    EXPECT_EQ(lost[at].repetition, at + 3);
    EXPECT_EQ(lost[at].kernel, "6.1");
    EXPECT_EQ(lost[at].verdict.outcome, at == 0 ? Outcome::fail : Outcome::skip);
  }
  EXPECT_EQ(lost[0].verdict.findings.at(0).kind, "panic");
  EXPECT_EQ(lost[2].verdict.reason, "repetition 3 lost its machine: it died");
  watch.heard(TrialBegin{.index = 5}, 20);
  EXPECT_EQ(watch.repetitions(), 0U);
}

TEST(Guest, BootParameters) {
  constexpr auto line = "console=ttyS0 a.mode=run xa.mode=no a.mode=shell\n";
  EXPECT_EQ(boot_parameter(line, "a.mode", "-"), "shell");
  EXPECT_EQ(boot_parameter(line, "a.other", "-"), "-");
  EXPECT_EQ(boot_parameter("", "a", "-"), "-");
}

TEST(Guest, ModuleLines) {
  const auto module = parse_module_line("/lib/null_blk.ko nr_devices=0 gb=1 \r");
  EXPECT_EQ(module.path, "/lib/null_blk.ko");
  EXPECT_EQ(module.parameters, "nr_devices=0 gb=1");
  EXPECT_EQ(parse_module_line("/lib/ext4.ko").parameters, "");
  EXPECT_TRUE(parse_module_line("  ").path.empty());
  EXPECT_TRUE(parse_module_line("# no").path.empty());
}

TEST(LabDirectory, RemovesItself) {
  std::filesystem::path path;
  {
    auto folder = LabDirectory::make();
    ASSERT_TRUE(folder);
    path = folder->path();
    EXPECT_TRUE(std::filesystem::is_directory(path));
    const auto stale = stale_lab_files();
    ASSERT_TRUE(stale);
    EXPECT_EQ(std::count(stale->begin(), stale->end(), path), 0) << "its maker lives";
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(LabDirectory, WhatADeadRunLeftIsFoundAndRemoved) {
  // A process of that number and that start time there cannot be: it started before the kernel.
  const auto path = std::filesystem::temp_directory_path() / "daxbreak-lab-1-x-test00";
  std::filesystem::create_directories(path / "inside");
  const auto stale = stale_lab_files();
  ASSERT_TRUE(stale);
  EXPECT_EQ(std::count(stale->begin(), stale->end(), path), 1);
  EXPECT_TRUE(remove_stale_lab_files());
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace daxbreak
