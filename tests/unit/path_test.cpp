// SPDX-License-Identifier: GPL-2.0
#include "base/path.h"

#include <gmock/gmock.h>

#include <cerrno>

#include "base/file.h"

namespace daxbreak {
namespace {

namespace fs = std::filesystem;

class Paths : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "daxbreak-path-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(Paths, AFolderIsListedInOrder) {
  for (const char* name : {"b", ".c", "a"})
    ASSERT_TRUE(write_file(folder_ / name, ""));
  const auto found = list_folder(folder_);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_THAT(*found, ::testing::ElementsAre(folder_ / ".c", folder_ / "a", folder_ / "b"));
  EXPECT_EQ(list_folder(folder_ / "none").error().number, ENOENT);
  EXPECT_EQ(list_folder(folder_ / "a").error().number, ENOTDIR);
}

TEST_F(Paths, WritableIsFoundOutWithoutATrace) {
  ASSERT_TRUE(write_file(folder_ / "old", "kept"));
  EXPECT_TRUE(check_writable(folder_ / "old"));
  EXPECT_EQ(*read_file(folder_ / "old"), "kept");
  EXPECT_TRUE(check_writable(folder_ / "new"));
  EXPECT_FALSE(fs::exists(folder_ / "new"));
  EXPECT_TRUE(check_writable("/dev/null"));
}

TEST_F(Paths, WhatCannotBeWrittenIsNamed) {
  const auto missing = check_writable(folder_ / "none" / "file");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().number, ENOENT);
  EXPECT_NE(missing.error().message().find("none/file"), std::string::npos);
  EXPECT_EQ(check_writable(folder_).error().number, EISDIR);
  EXPECT_EQ(check_writable(folder_ / "new" / "").error().number, EISDIR);
  ASSERT_TRUE(write_file(folder_ / "plain", ""));
  EXPECT_EQ(check_writable(folder_ / "plain" / "file").error().number, ENOTDIR);
}

}  // namespace
}  // namespace daxbreak
