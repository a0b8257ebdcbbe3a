// SPDX-License-Identifier: GPL-2.0
#include "lab/kernel_build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace daxbreak {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

BuildRecipe sample() {
  return {.source = "bookworm linux-source-6.1",
          .patches = {"one", "two"},
          .configs = {"CONFIG_A=y\n"},
          .compiler = "gcc 12.2.0"};
}

TEST(BuildRecipe, IsTheSameForTheSameContent) {
  EXPECT_EQ(sample().fingerprint(), sample().fingerprint());
  EXPECT_EQ(sample().fingerprint().size(), 16U);
}

TEST(BuildRecipe, DiffersWithAnyPart) {
  std::set<std::string> seen = {sample().fingerprint()};
  const auto is_new = [&](auto change) {
    BuildRecipe recipe = sample();
    change(recipe);
    return seen.insert(recipe.fingerprint()).second;
  };
  EXPECT_TRUE(is_new([](BuildRecipe& recipe) { recipe.source = "sid linux-source-6.1"; }));
  EXPECT_TRUE(is_new([](BuildRecipe& recipe) { recipe.patches[1] += "\n"; }));
  EXPECT_TRUE(is_new([](BuildRecipe& recipe) { recipe.patches = {"two", "one"}; }));
  EXPECT_TRUE(is_new([](BuildRecipe& recipe) { recipe.patches = {"onetwo"}; }));
  EXPECT_TRUE(is_new([](BuildRecipe& recipe) { recipe.configs.clear(); }));
  EXPECT_TRUE(is_new([](BuildRecipe& recipe) {
    recipe.configs.insert(recipe.configs.begin(), recipe.patches.back());
    recipe.patches.pop_back();
  }));
  EXPECT_TRUE(is_new([](BuildRecipe& recipe) { recipe.compiler = "gcc 14.2.0"; }));
}

/// Files of an entry, in a folder that is removed again.
class BuiltPlace : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("daxbreak-recipe-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    put("a.patch", "patch");
    put("a.config", "CONFIG_A=y\n");
    if (!missing_build_programs().empty()) GTEST_SKIP() << "no compiler for kernels here";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void put(const char* name, const char* text) { std::ofstream(folder_ / name) << text; }

  [[nodiscard]] KernelSource entry(const char* name) const {
    KernelSource source;
    source.name = name;
    source.suite = "bookworm";
    source.source = "linux-source-6.1";
    source.patches = {folder_ / "a.patch"};
    source.configs = {folder_ / "a.config"};
    return source;
  }

  std::filesystem::path folder_;
};

TEST_F(BuiltPlace, IsSharedByEntriesThatDifferInParameters) {
  KernelSource first = entry("first");
  KernelSource second = entry("second");
  first.append = "dax_scheme=a";
  second.append = "dax_scheme=b";
  second.title = "another";
  ASSERT_TRUE(built_place(first));
  EXPECT_EQ(*built_place(first), *built_place(second));
  const std::string before = *built_place(first);
  put("a.patch", "patch, mended");
  EXPECT_NE(*built_place(first), before);
}

TEST_F(BuiltPlace, NamesTheFileThatIsNotThere) {
  KernelSource source = entry("first");
  source.patches.push_back(folder_ / "gone.patch");
  auto place = built_place(source);
  ASSERT_FALSE(place);
  EXPECT_NE(place.error().message().find("gone.patch"), std::string::npos);
}

TEST(DroppedOptions, NamesWhatIsNotMet) {
  constexpr const char* fragments =
      "# A comment. CONFIG_NOT_ME=y\nCONFIG_A=y\nCONFIG_B=\"text\"\n# CONFIG_C is not set\n"
      "CONFIG_D=y\n# CONFIG_E is not set\n";
  EXPECT_THAT(dropped_options(fragments, "CONFIG_A=y\nCONFIG_B=\"text\"\nCONFIG_D=y\n"), IsEmpty());
  EXPECT_THAT(dropped_options(fragments,
                              "CONFIG_A=m\nCONFIG_B=\"text\"\nCONFIG_C=y\n# CONFIG_D is not set\n"
                              "# CONFIG_E is not set\n"),
              ElementsAre("CONFIG_A=y", "# CONFIG_C is not set", "CONFIG_D=y"));
}

TEST(DroppedOptions, TheLaterFragmentCounts) {
  EXPECT_THAT(dropped_options("CONFIG_A=y\n# CONFIG_A is not set\n", ""), IsEmpty());
  EXPECT_THAT(dropped_options("# CONFIG_A is not set\nCONFIG_A=y\n", ""),
              ElementsAre("CONFIG_A=y"));
}

TEST(FirstRejection, NamesHunkAndFile) {
  EXPECT_EQ(first_rejection("patching file fs/dax.c\n"
                            "Hunk #1 succeeded at 12 (offset 2 lines).\n"
                            "patching file mm/gup.c\n"
                            "Hunk #3 FAILED at 120.\nHunk #4 FAILED at 200.\n"
                            "2 out of 4 hunks FAILED\n"),
            "hunk 3 of mm/gup.c");
  EXPECT_EQ(first_rejection("can't find file to patch at input line 4\n"),
            "it names a file that is not there");
  EXPECT_EQ(first_rejection("patch: **** Only garbage was found in the patch input.\n"),
            "it is no patch");
  EXPECT_EQ(first_rejection("patch: **** malformed patch at line 9: x\n"),
            "malformed patch at line 9: x");
  EXPECT_EQ(first_rejection("patching file fs/dax.c\n"), "");
}

TEST(FirstBuildError, PrefersTheCause) {
  EXPECT_EQ(first_build_error("  CC      mm/gup.o\n"
                              "mm/gup.c:12:3: error: 'x' undeclared\n"
                              "make[2]: *** [scripts/Makefile.build:250: mm/gup.o] Error 1\n"),
            "mm/gup.c:12:3: error: 'x' undeclared");
  EXPECT_EQ(first_build_error("make: *** [Makefile:1: all] Error 2\nmake: *** later\n"),
            "make: *** [Makefile:1: all] Error 2");
  EXPECT_EQ(first_build_error("  CC      mm/gup.o\n"), "");
}

TEST(CountSteps, CountsWhatKbuildNames) {
  EXPECT_EQ(count_steps("  CC      mm/gup.o\n  LD      vmlinux\nmm/gup.c: In function 'f':\n"
                        "   12 | x\n  GEN     arch/x86/boot/zoffset.h\n"),
            3U);
  EXPECT_EQ(count_steps(""), 0U);
}

}  // namespace
}  // namespace daxbreak
