// SPDX-License-Identifier: GPL-2.0
#include "lab/kernel_compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/command.h"
#include "base/file.h"

namespace daxbreak {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

// A source tree that has of a kernel's what compile_kernel() uses, and is compiled in no time.
constexpr const char* makefile = R"make(
tinyconfig:
	@echo CONFIG_SMALL=y > .config
olddefconfig:
	@sed -i /CONFIG_UNKNOWN/d .config
bzImage:
	@echo '  CC      main.o'
	@if grep broken main.c; then echo "main.c:2:1: error: 'broken' undeclared" >&2; false; fi
	@mkdir -p arch/x86/boot include/config
	@echo "flags:$$KCFLAGS" | cat main.c - > arch/x86/boot/bzImage
	@echo '  BUILD   arch/x86/boot/bzImage'
	@touch System.map
	@echo 9.9-fake > include/config/kernel.release
)make";
constexpr const char* merge = "#!/bin/sh\nshift 2\nfor f; do cat \"$f\" >> .config; done\n";

class Compile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("daxbreak-compile-" + std::to_string(::getpid()));
    put("src/Makefile", makefile);
    put("src/main.c", "one\ntwo\nthree\nfour\nfive\nsix\nseven\n");
    put("src/scripts/kconfig/merge_config.sh", merge);
    fs::permissions(folder_ / "src/scripts/kconfig/merge_config.sh", fs::perms::owner_all);
    put("a.config", "CONFIG_A=y\n");
    fs::create_directories(folder_ / "place");
    const auto packed =
        require_command({"tar", "-C", folder_.string(), "-cf", tarball().string(), "src"},
                        std::chrono::seconds(30));
    ASSERT_TRUE(packed) << packed.error().message();
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] fs::path tarball() const { return folder_ / "source.tar"; }

  void put(const char* name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  [[nodiscard]] CompileOrder order() const {
    return {.tarball = tarball(),
            .patches = {},
            .configs = {folder_ / "a.config"},
            .tree = folder_ / "tree",
            .place = folder_ / "place",
            .log = folder_ / "log",
            .say = [](const std::string&) {}};
  }

  [[nodiscard]] CompileOrder with_patch(const std::string& text) const {
    put("a.patch", text);
    CompileOrder patched = order();
    patched.patches = {folder_ / "a.patch"};
    return patched;
  }

  fs::path folder_;
};

std::string error_of(const CompileOrder& order) {
  auto compiled = compile_kernel(order, {});
  return compiled ? "" : compiled.error().message();
}

TEST_F(Compile, KeepsTheKernel) {
  auto compiled = compile_kernel(order(), {});
  ASSERT_TRUE(compiled) << compiled.error().message();
  EXPECT_EQ(compiled->release, "9.9-fake");
  EXPECT_EQ(compiled->steps, 2U);
  EXPECT_EQ(*read_line(folder_ / "place/config"), "CONFIG_SMALL=y\nCONFIG_A=y");
  EXPECT_TRUE(fs::exists(folder_ / "place/System.map"));
  EXPECT_FALSE(fs::exists(tarball())) << "its space is needed";
}

TEST_F(Compile, PatchesAndIgnoresTheUsersFlags) {
  ::setenv("KCFLAGS", "-Ofast", 1);
  auto compiled = compile_kernel(
      with_patch("Words before.\n--- a/main.c\n+++ b/main.c\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n "
                 "three\n"),
      {});
  ::unsetenv("KCFLAGS");
  ASSERT_TRUE(compiled) << compiled.error().message();
  EXPECT_EQ(*read_line(folder_ / "place/vmlinuz"),
            "one\nTWO\nthree\nfour\nfive\nsix\nseven\nflags:-fno-var-tracking");
}

TEST_F(Compile, RefusesAPatchThatFitsOnlyNearly) {
  const std::string said = error_of(
      with_patch("--- a/main.c\n+++ b/main.c\n@@ -1,7 +1,7 @@\n 1\n two\n three\n-four\n+FOUR\n "
                 "five\n six\n seven\n"));
  EXPECT_THAT(said, HasSubstr("a.patch does not apply to this source: hunk 1 of main.c"));
}

TEST_F(Compile, NamesTheOptionThatWasDropped) {
  put("a.config", "CONFIG_A=y\nCONFIG_UNKNOWN=y\n");
  EXPECT_THAT(error_of(order()), HasSubstr("this source cannot have CONFIG_UNKNOWN=y, which"));
}

TEST_F(Compile, SaysTheCompilersFirstErrorAndWhereTheRestIs) {
  const std::string said =
      error_of(with_patch("--- a/main.c\n+++ b/main.c\n@@ -1,2 +1,3 @@\n one\n+broken\n two\n"));
  EXPECT_THAT(said, HasSubstr("compiling failed: main.c:2:1: error: 'broken' undeclared (all of"));
  EXPECT_THAT(said, HasSubstr((folder_ / "log").string()));
}

TEST_F(Compile, CanBeStopped) {
  std::stop_source stop;
  stop.request_stop();
  auto compiled = compile_kernel(order(), stop.get_token());
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().number, ECANCELED);
}

}  // namespace
}  // namespace daxbreak
