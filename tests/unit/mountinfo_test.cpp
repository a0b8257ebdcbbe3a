// SPDX-License-Identifier: GPL-2.0
#include "pmem/mountinfo.h"

#include <gtest/gtest.h>

namespace daxbreak {
namespace {

TEST(Mountinfo, ReadsTheFieldsOfALine) {
  const auto mounts = parse_mountinfo(
      "36 25 259:0 /sub /mnt/ext4 rw,noatime master:1 propagate_from:2 - ext4 /dev/pmem0 "
      "rw,dax=always\n");
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].id, 36U);
  EXPECT_EQ(mounts[0].major, 259U);
  EXPECT_EQ(mounts[0].minor, 0U);
  EXPECT_EQ(mounts[0].root, "/sub");
  EXPECT_EQ(mounts[0].where, "/mnt/ext4");
  EXPECT_EQ(mounts[0].options, "rw,noatime");
  EXPECT_EQ(mounts[0].filesystem, "ext4");
  EXPECT_EQ(mounts[0].source, "/dev/pmem0");
  EXPECT_EQ(mounts[0].super, "rw,dax=always");
}

TEST(Mountinfo, OptionalFieldsMayBeMissing) {
  const auto mounts = parse_mountinfo("22 1 0:21 / /sys rw - sysfs sysfs rw");
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].filesystem, "sysfs");
}

TEST(Mountinfo, PathsAreUnescaped) {
  const auto mounts =
      parse_mountinfo("1 1 8:1 / /mnt/two\\040words\\134x rw - xfs /dev/a\\011b rw\n");
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].where, "/mnt/two words\\x");
  EXPECT_EQ(mounts[0].source, "/dev/a\tb");
}

TEST(Mountinfo, LinesThatAreNotWholeAreLeftOut) {
  EXPECT_TRUE(parse_mountinfo("").empty());
  EXPECT_TRUE(parse_mountinfo("36 25 259:0 / /mnt rw - ext4").empty());
  EXPECT_TRUE(parse_mountinfo("36 25 pmem / /mnt rw - ext4 /dev/pmem0 rw").empty());
  EXPECT_TRUE(parse_mountinfo("36 25 259:0 / /mnt rw ext4 /dev/pmem0 rw more words").empty());
}

TEST(Mountinfo, OptionsMatchWhole) {
  EXPECT_TRUE(has_option("rw,dax=always,noatime", "dax=always"));
  EXPECT_TRUE(has_option("dax", "dax"));
  EXPECT_FALSE(has_option("rw,dax=never", "dax"));
  EXPECT_FALSE(has_option("", "dax"));
}

TEST(Mountinfo, OnlyFilesystemsOnPmemMayBeDax) {
  const auto mount = [](const char* filesystem, const char* source) {
    Mount made;
    made.filesystem = filesystem;
    made.source = source;
    return made;
  };
  EXPECT_TRUE(may_be_dax(mount("ext4", "/dev/pmem0")));
  EXPECT_TRUE(may_be_dax(mount("xfs", "/dev/pmem1s")));
  EXPECT_FALSE(may_be_dax(mount("ext4", "/dev/sda1")));
  EXPECT_FALSE(may_be_dax(mount("vfat", "/dev/pmem0")));
}

TEST(Mountinfo, ThisProcessHasARoot) {
  const auto mounts = list_mounts();
  ASSERT_TRUE(mounts);
  bool root = false;
  for (const Mount& mount : *mounts)
    root = root || mount.where == "/";
  EXPECT_TRUE(root);
}

}  // namespace
}  // namespace daxbreak
