// SPDX-License-Identifier: GPL-2.0
// Against trees made for the purpose: objects with the few symbols that depmod looks at.
#include "lab/modules.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/command.h"
#include "base/file.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;

class Modules : public testing::Test {
 protected:
  void SetUp() override {
    if (find_program("cc").empty() || find_program("depmod").empty())
      GTEST_SKIP() << "needs cc and depmod";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    tree_ = folder_ + "/lib/modules/1.0";
    std::filesystem::create_directories(tree_);
    // low <- middle <- high; built_in is part of the kernel.
    module("low", exported("low") + "int low;");
    module("middle", exported("middle") + "int middle; extern int low; int *m = &low;");
    module("high", "extern int middle, low; int *h = &middle, *i = &low;");
    ASSERT_TRUE(write_file(tree_ + "/modules.builtin", "kernel/built-in.ko\n"));
    ASSERT_TRUE(write_file(tree_ + "/modules.order", "high.ko\nmiddle.ko\nlow.ko\n"));
    auto indexed = require_command({"depmod", "-C", "/dev/null", "-b", folder_, "1.0"}, 20s);
    ASSERT_TRUE(indexed) << indexed.error().message();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void module(const std::string& name, const std::string& code) {
    const std::string source = folder_ + "/" + name + ".c";
    ASSERT_TRUE(write_file(source, code));
    auto built = require_command({"cc", "-c", "-o", tree_ + "/" + name + ".ko", source}, 30s);
    ASSERT_TRUE(built) << built.error().message();
  }
  /// depmod takes a module's exports from this section.
  static std::string exported(const std::string& symbol) {
    return "char name[] __attribute__((section(\"__ksymtab_strings\"))) = \"" + symbol + "\";";
  }
  std::string folder_ = testing::TempDir() + "daxbreak-modules-XXXXXX";
  std::string tree_;
};

TEST_F(Modules, LoadsEachAfterWhatItDependsOn) {
  auto plan = plan_modules(tree_, {{"high", "CONFIG_HIGH", "driver", true, "a=1"},
                                   {"middle", "CONFIG_MIDDLE", "driver", true}});
  ASSERT_TRUE(plan) << plan.error().message();
  std::string order;
  for (const ModuleFile& file : plan->files)
    order += file.name + "(" + file.parameters + ") ";
  EXPECT_EQ(order, "low() middle() high(a=1) ");
  EXPECT_EQ(plan->files[0].path, tree_ + "/low.ko");
  EXPECT_TRUE(plan->missing.empty());
}

TEST_F(Modules, BuiltInNeedsNoFile) {
  auto plan = plan_modules(tree_, {{"built_in", "CONFIG_BUILT_IN", "driver", true}});
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_TRUE(plan->files.empty());
  EXPECT_TRUE(plan->missing.empty());
}

TEST_F(Modules, MissingOnesAreNamed) {
  auto plan = plan_modules(tree_, {{"nd_pmem", "CONFIG_BLK_DEV_PMEM", "pmem driver", true}});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().message(), "kernel has no pmem driver: nd_pmem (CONFIG_BLK_DEV_PMEM)");
  plan = plan_modules(tree_, {{"null_blk", "CONFIG_BLK_DEV_NULL_BLK", "block device"},
                              {"quiet", "", "of no interest"}});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->missing, (std::vector<std::string>{"null_blk (CONFIG_BLK_DEV_NULL_BLK)"}));
}

TEST_F(Modules, ATreeWithoutAnIndexIsRefused) {
  auto plan = plan_modules(folder_);
  ASSERT_FALSE(plan);
  EXPECT_NE(plan.error().message().find("run depmod"), std::string::npos);
  plan = plan_modules("");
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->files.empty());
}

}  // namespace
}  // namespace daxbreak
