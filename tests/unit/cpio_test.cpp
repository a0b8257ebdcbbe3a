// SPDX-License-Identifier: GPL-2.0
// The archives are read back with cpio(1).
#include "lab/cpio.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/command.h"
#include "base/file.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;

class Cpio : public testing::Test {
 protected:
  void SetUp() override {
    if (find_program("cpio").empty()) GTEST_SKIP() << "cpio is not installed";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string sh(const std::string& script) {
    auto text = require_command({"sh", "-c", "cd \"$1\" && " + script, "sh", folder_}, 20s);
    return text ? *text : "failed: " + text.error().message();
  }
  std::string folder_ = testing::TempDir() + "daxbreak-cpio-XXXXXX";
};

TEST_F(Cpio, IsWhatCpioReads) {
  auto archive = CpioWriter::create(folder_ + "/a.cpio");
  ASSERT_TRUE(archive);
  ASSERT_TRUE(archive->add_file("etc/deep/one", "12345", 0640));
  ASSERT_TRUE(archive->add_file("etc/deep/two", std::string("\0\n\0", 3)));
  ASSERT_TRUE(archive->add_folder("etc"));  // already there: nothing happens
  ASSERT_TRUE(archive->add_folder("tmp", 01777));
  ASSERT_TRUE(archive->add_link("init", "bin/x"));
  ASSERT_TRUE(archive->add_character_device("dev/console", 5, 1, 0600));
  ASSERT_TRUE(archive->add_file("large", std::string(3 << 20, 'x')));
  ASSERT_TRUE(archive->add_file("empty", ""));
  ASSERT_TRUE(archive->finish());
  EXPECT_EQ(archive->size(), std::filesystem::file_size(folder_ + "/a.cpio"));
  EXPECT_EQ(sh("cpio -it --quiet < a.cpio"),
            "etc\netc/deep\netc/deep/one\netc/deep/two\ntmp\ninit\ndev\ndev/console\nlarge\n"
            "empty\n");
  const std::string list = sh("cpio -itvn --quiet < a.cpio | tr -s ' '");
  EXPECT_NE(list.find("-rw-r----- 1 0 0 5 "), std::string::npos) << list;
  EXPECT_NE(list.find("drwxrwxrwt 1 0 0 0 "), std::string::npos) << list;
  EXPECT_NE(list.find("crw------- 1 0 0 5, 1 "), std::string::npos) << list;
  EXPECT_NE(list.find("init -> bin/x"), std::string::npos) << list;
  EXPECT_EQ(sh("cpio -i --quiet --to-stdout etc/deep/one < a.cpio"), "12345");
  EXPECT_EQ(sh("cpio -i --quiet --to-stdout large < a.cpio | wc -c"), "3145728\n");
}

TEST_F(Cpio, EqualContentsMakeEqualArchives) {
  for (const char* name : {"/a", "/b"}) {
    auto archive = CpioWriter::create(folder_ + name);
    ASSERT_TRUE(archive);
    ASSERT_TRUE(archive->add_file("x", "y"));
    ASSERT_TRUE(archive->finish());
  }
  EXPECT_EQ(sh("cmp a b"), "");
}

TEST_F(Cpio, SaysWhenThereIsNoSpace) {
  auto archive = CpioWriter::create("/dev/full");
  ASSERT_TRUE(archive);
  ASSERT_TRUE(archive->add_file("x", "y"));
  auto done = archive->finish();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().number, ENOSPC);
}

}  // namespace
}  // namespace daxbreak
