// SPDX-License-Identifier: GPL-2.0
#include "report/reproducer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job/sense.h"
#include "job/simplify.h"
#include "lab/frames.h"
#include "workloads/breaker/breaker.h"
#include "workloads/disturber/disturber.h"
#include "workloads/memory/memory.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string program(const std::string& id) {
  auto cell = parse_cell(id);
  EXPECT_TRUE(cell) << id;
  auto text = reproducer(*cell);
  EXPECT_TRUE(text) << id << ": " << (text ? "" : text.error().message());
  return text ? *text : std::string();
}

TEST(Skeleton, KeepsWhatIsFlagged) {
  const SkeletonFilling filling{.flags = {"YES"}, .values = {}};
  EXPECT_EQ(fill_skeleton("a\n@if YES\nb\n@if NO\nc\n@end\n@end\n@if !NO\nd\n@end\n", filling),
            "a\nb\nd\n");
}

TEST(Skeleton, PutsValuesIn) {
  const SkeletonFilling filling{
      .flags = {}, .values = {{"LINES", "one\n\n\ttwo\n"}, {"NAME", "x"}, {"NONE", ""}}};
  EXPECT_EQ(fill_skeleton("\t@LINES@\n\t@NONE@\nint @NAME@, @NAME@2;\n", filling),
            "\tone\n\n\t\ttwo\nint x, x2;\n");
}

TEST(Skeleton, IndentsAsTheKernelDoes) {
  EXPECT_EQ(with_tabs("if (a) {\n  b();\n}\n"), "if (a) {\n\tb();\n}\n");
  EXPECT_EQ(with_tabs("\tif (a)\n\t\tb();\n"), "if (a)\n\tb();\n");
}

TEST(Reproducer, IsOneWholeProgram) {
  const std::string text = program("ext4/4k/vmsplice/truncate/munmap");
  EXPECT_THAT(text, HasSubstr("ftruncate(fd, 0)"));
  EXPECT_THAT(text, HasSubstr("\tcheck(munmap(map, file_size) == 0, \"munmap\");\n"));
  EXPECT_THAT(text, HasSubstr("show(\"EARLY\", \"truncate took the block"));
  EXPECT_THAT(text, Not(HasSubstr("@")));
  EXPECT_THAT(text, Not(HasSubstr("null_blk")));
  EXPECT_THAT(text, Not(HasSubstr("dax_writeback_one"))) << "the whole file goes";
}

TEST(Reproducer, AsksForADeviceOnlyWhereItIsNeeded) {
  EXPECT_THAT(program("ext4/4k/odirect-read@null-blk/truncate/none"), HasSubstr("DIR [DEVICE]"));
}

TEST(Reproducer, WatchesAPageOutsideTheRange) {
  EXPECT_THAT(program("ext4/4k/vmsplice/punch-hole/none"), HasSubstr("pgoff 0x1 pglen 0x1"));
  EXPECT_THAT(program("ext4/2m/vmsplice/punch-hole/none"), HasSubstr("pgoff 0x0 pglen 0x200"));
}

TEST(Reproducer, DoesNotCallAnAllowedReturnEarly) {
  EXPECT_THAT(program("ext4/4k/vmsplice/punch-hole:elsewhere/none"), Not(HasSubstr("EARLY")));
  EXPECT_THAT(program("ext4/4k+hole/vmsplice/punch-hole/none"), Not(HasSubstr("EARLY")));
}

TEST(Reproducer, NamesWhatIsMissing) {
  const auto unknown = reproducer(*parse_cell("ext4/4k/nosuch/truncate/none"));
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), HasSubstr("no pin is called \"nosuch\""));
  const auto lacking = reproducer(*parse_cell("ext4/4k/self-test-hang/truncate/none"));
  ASSERT_FALSE(lacking);
  EXPECT_THAT(lacking.error().message(), HasSubstr("self-test-hang\" has no recipe"));
  const auto never = reproducer(*parse_cell("ext4/4k/core-dump/truncate/none"));
  ASSERT_FALSE(never);
  EXPECT_THAT(never.error().message(),
              HasSubstr("has no recipe, for it would change core_pattern"));
}

TEST(Reproducer, GivesATakenBlockToAnotherFile) {
  const std::string given = program("ext4/4k/vmsplice/truncate/munmap");
  EXPECT_THAT(given, HasSubstr("show(\"LEAK\""));
  EXPECT_THAT(given, Not(HasSubstr("STRAY WRITE")));
  EXPECT_THAT(program("xfs/4k/process-vm-writev/swapext/none"), HasSubstr("show(\"STRAY WRITE\""));
  EXPECT_THAT(program("ext4/4k/vmsplice/swap-boot/none"), Not(HasSubstr("LEAK")))
      << "the boot inode cannot be opened";
  EXPECT_THAT(program("ext4/4k/vmsplice/write/none"), HasSubstr("FS_IOC_FIEMAP"));
}

TEST(Reproducer, PutsRightWhatTheBreakerChanged) {
  EXPECT_THAT(program("ext4/4k/vmsplice/umount/munmap"), HasSubstr("mount(break_device, dir"));
  EXPECT_THAT(program("ext4/4k/vmsplice/swap-boot/none"), HasSubstr("\"swap back\""));
  EXPECT_THAT(program("ext4/4k/vmsplice/freeze/none"), HasSubstr("FITHAW"));
}

TEST(Reproducer, TriesAgainWhereItNeedsLuck) {
  EXPECT_THAT(program("ext4/4k/futex-traffic/truncate/none"), HasSubstr("rounds\\n"));
  EXPECT_THAT(program("ext4/4k/vmsplice/truncate/none"), Not(HasSubstr("rounds\\n")));
}

TEST(Reproducer, AlwaysComesToItsEnd) {
  const std::string text = program("xfs/4k+reflink/odirect-write@null-blk/truncate/none");
  EXPECT_THAT(text, HasSubstr("show(\"HANGS\""));
  EXPECT_THAT(text, HasSubstr("kill(-run, SIGKILL)"));
}

/// Every kind that has a recipe fits into a cell's program: no mark is left, no brace is open.
void expect_balanced(const std::string& text, const std::string& id) {
  int depth = 0;
  for (const char letter : text)
    depth += letter == '{' ? 1 : letter == '}' ? -1 : 0;
  EXPECT_EQ(depth, 0) << id;
  EXPECT_EQ(text.find("@if"), std::string::npos) << id;
  EXPECT_EQ(text.find("@end"), std::string::npos) << id;
}

void expect_program(const Cell& cell) {
  if (skip_reason(cell)) return;
  if (auto text = reproducer(cell); text) expect_balanced(*text, cell.id());
}

TEST(Reproducer, TakesEveryKind) {
  const Cell usual{.filesystem = "xfs", .pin = "vmsplice", .breaker = "punch-hole"};
  for (const auto& kind : PinRegistry::all()) {
    Cell cell = usual;
    cell.pin = kind.name;
    expect_program(cell);
  }
  for (const auto& kind : BreakerRegistry::all()) {
    Cell cell = usual;
    cell.breaker = kind.name;
    expect_program(cell);
  }
  for (const auto& kind : DisturberRegistry::all()) {
    Cell cell = usual;
    cell.disturber = kind.name;
    expect_program(cell);
  }
  for (const auto& kind : MemoryRegistry::all()) {
    Cell cell = usual;
    cell.memory = kind.name;
    expect_program(cell);
  }
}

std::vector<std::string> ids(const std::vector<Cell>& cells) {
  std::vector<std::string> result;
  for (const Cell& cell : cells)
    result.push_back(cell.id());
  return result;
}

TEST(Simplify, ChangesOneAxisAtATime) {
  std::vector<std::string> found;
  for (const auto& step :
       simplifications(*parse_cell("xfs/4k/odirect-read@null-blk/truncate/munmap")))
    found.push_back(step.axis + " " + step.cell.id());
  EXPECT_THAT(found, ElementsAre("disturber xfs/4k/odirect-read@null-blk/truncate/none",
                                 "gate xfs/4k/odirect-read/truncate/munmap",
                                 "pin xfs/4k/vmsplice/truncate/munmap",
                                 "filesystem ext4/4k/odirect-read@null-blk/truncate/munmap"));
}

TEST(Simplify, LeavesTheSimplestAlone) {
  EXPECT_THAT(simplifications(*parse_cell("ext4/4k/vmsplice/truncate/none")), IsEmpty());
}

TEST(Simplify, PutsThemTogetherOneByOne) {
  EXPECT_THAT(
      ids(together(*parse_cell("xfs/4k/odirect-read/truncate/munmap"),
                   {"disturber", "filesystem"})),
      ElementsAre("xfs/4k/odirect-read/truncate/none", "ext4/4k/odirect-read/truncate/none"));
}

TEST(Simplify, WritesAJobFile) {
  Cell cell = *parse_cell("ext4/2m/vmsplice/truncate/none");
  cell.kernel = "6.1";
  const std::string text = job_text(cell, "why");
  EXPECT_THAT(text, HasSubstr("# why\n[smallest]\nkernel=6.1\n"));
  EXPECT_THAT(text, HasSubstr("\npagesize=2m\n"));
}

TEST(Frames, ComeOutAsTheyWentIn) {
  const std::vector<Frame> sent{{FrameKind::begun, ""},
                                {FrameKind::output, std::string("a\0\n", 3)},
                                {FrameKind::status, "1"}};
  std::string wire;
  for (const Frame& frame : sent)
    wire += encode(frame);
  FrameReader reader;
  std::vector<Frame> got;
  for (const char byte : wire)
    for (const Frame& frame : reader.take({&byte, 1}))
      got.push_back(frame);
  EXPECT_EQ(got, sent);
  EXPECT_FALSE(reader.garbled());
}

TEST(Frames, SayWhenTheyAreNone) {
  FrameReader reader;
  EXPECT_THAT(reader.take("Kernel panic - not syncing"), IsEmpty());
  EXPECT_TRUE(reader.garbled());
}

}  // namespace
}  // namespace daxbreak
