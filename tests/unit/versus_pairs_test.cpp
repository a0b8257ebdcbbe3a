// SPDX-License-Identifier: GPL-2.0
#include "run/versus_pairs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace daxbreak {
namespace {

const VersusPlace place{.folder = "/mnt/ext4",
                        .data = "/mnt/ext4/data",
                        .buffers = "/mnt/ext4/buffers",
                        .buffers_size = 1U << 20U,
                        .node = "/dev/dax1.0",
                        .node_pages = 2UL << 20U,
                        .block = "/dev/nullb0",
                        .block_size = 64UL << 20U};

const VersusPair& pair_of(std::string_view name) {
  const auto& pairs = versus_pairs();
  return *std::find_if(pairs.begin(), pairs.end(),
                       [&](const VersusPair& pair) { return pair.name == name; });
}

/// Our work and fio's, of one pair, to be made unequal.
struct Work {
  explicit Work(std::string_view name, VersusSettings how = {})
      : pair(pair_of(name)),
        settings(how),
        ours(our_place(pair, settings, place)),
        fio(fio_command(pair, settings, place, "/tmp/out.json")) {}

  void replace(const std::string& from, const std::string& to) {
    const auto at = std::find_if(fio.begin(), fio.end(),
                                 [&](const std::string& word) { return word.starts_with(from); });
    ASSERT_NE(at, fio.end()) << from;
    *at = to;
  }
  [[nodiscard]] std::string difference() const {
    const auto same = check_same_work(pair, settings, ours, fio);
    return same ? std::string() : same.error().message();
  }

  const VersusPair& pair;
  VersusSettings settings;
  LoadPlace ours;
  std::vector<std::string> fio;
};

TEST(VersusPairs, AskForTheSameOnBothSides) {
  for (const bool random : {false, true})
    for (const std::uint64_t block : {512UL, 4096UL, 65536UL})
      for (const VersusPair& pair : versus_pairs()) {
        const Work work(pair.name, {.block_size = block, .random = random});
        EXPECT_EQ(work.difference(), "") << pair.name;
      }
}

TEST(VersusPairs, HaveNamesOfTheirOwnAndLoadsThatExist) {
  std::set<std::string_view> names;
  for (const VersusPair& pair : versus_pairs()) {
    EXPECT_TRUE(names.insert(pair.name).second) << pair.name;
    const LoadKind* const kind = LoadRegistry::find(pair.load);
    ASSERT_NE(kind, nullptr) << pair.load;
    EXPECT_EQ(kind->block, pair.target == VersusTarget::block) << pair.name;
    EXPECT_TRUE(pair.target != VersusTarget::device || kind->device) << pair.name;
  }
}

TEST(VersusPairs, UnequalWorkIsFound) {
  using testing::HasSubstr;
  const std::vector<std::pair<std::string, std::string>> changes{
      {"--bs=", "--bs=8192"},
      {"--iodepth=", "--iodepth=2"},
      {"--numjobs=", "--numjobs=2"},
      {"--runtime=", "--runtime=1s"},
      {"--ramp_time=", "--ramp_time=0"},
      {"--time_based=", "--time_based=0"},
      {"--scramble_buffers=", "--scramble_buffers=1"},
      {"--filename=", "--filename=/dev/nullb1"},
      {"--mem=", "--mem=malloc"},
      {"--direct=", "--direct=0"},
      {"--rw=", "--rw=read"},
      {"--rw=", "--rw=randwrite"},
  };
  for (const auto& [from, to] : changes) {
    Work work("io-uring-write-16");
    work.replace(from, to);
    EXPECT_THAT(work.difference(), HasSubstr("io-uring-write-16: ")) << to;
  }
  Work smaller("pmem-store");
  smaller.replace("--size=", "--size=4096");
  EXPECT_THAT(smaller.difference(), HasSubstr("size"));
  Work more_buffers("io-uring-read-16");
  more_buffers.ours.size *= 2;
  EXPECT_THAT(more_buffers.difference(), HasSubstr("buffers"));
  Work plain_trim("falloc-punch");
  plain_trim.replace("--rw=", "--rw=trim");  // without allocating again
  EXPECT_THAT(plain_trim.difference(), HasSubstr("trim"));
}

TEST(VersusPairs, WritersHaveTheSecondHalfOfTheDevice) {
  const Work reads("odirect-read");
  const Work writes("odirect-write");
  EXPECT_THAT(reads.fio, testing::Contains("--offset=0"));
  EXPECT_THAT(writes.fio, testing::Contains("--offset=33554432"));
  EXPECT_THAT(writes.fio, testing::Contains("--size=33554432"));
}

TEST(VersusPairs, SettingsSayWhatOursIsAskedFor) {
  const Work stores("pmem-store", {.block_size = 8192,
                                   .size = 32UL << 20U,
                                   .runtime = std::chrono::seconds(3),
                                   .warmup = std::chrono::seconds(1),
                                   .seed = 7});
  const std::map<std::string, std::string> wanted{
      {"bs", "8192"},      {"iodepth", "1"},          {"numjobs", "1"},
      {"seed", "7"},       {"runtime", "3000000000"}, {"ramp_time", "1000000000"},
      {"size", "33554432"}};
  EXPECT_EQ(own_settings(stores.ours, stores.settings), wanted);
  // The size that was asked for is none of a pair on a block device.
  for (const std::uint64_t size : {32UL << 20U, 64UL << 20U}) {
    const Work reads("io-uring-read-16", {.size = size});
    const auto settings = own_settings(reads.ours, reads.settings);
    EXPECT_EQ(settings.at("iodepth"), "16");
    EXPECT_EQ(settings.at("buffers"), "65536");
    EXPECT_FALSE(settings.contains("size"));
  }
}

TEST(VersusPairs, SettingsOfFioAreItsOptions) {
  const Work work("io-uring-write-16", {.seed = 7});
  const auto settings = fio_settings(work.fio, place);
  EXPECT_EQ(settings.size(), work.fio.size() - 1) << "all but the program's name";
  EXPECT_EQ(settings.at("--iodepth"), "16");
  EXPECT_EQ(settings.at("--randseed"), "7");
  EXPECT_EQ(settings.at("--direct"), "1");
  EXPECT_EQ(settings.at("--filename"), "/dev/nullb0");
  EXPECT_EQ(settings.at("--mem"), "mmapshared:buffers");
  // Every run has a folder of its own, and is compared with others.
  VersusPlace elsewhere = place;
  elsewhere.folder = "/mnt/xfs/7";
  elsewhere.data = "/mnt/xfs/7/data";
  elsewhere.buffers = "/mnt/xfs/7/buffers";
  for (const VersusPair& pair : versus_pairs())
    EXPECT_EQ(fio_settings(fio_command(pair, {}, place, "/mnt/ext4/out.json"), place),
              fio_settings(fio_command(pair, {}, elsewhere, "/mnt/xfs/7/out.json"), elsewhere))
        << pair.name;
}

TEST(VersusPairs, BuffersHoldTheDeepestPair) {
  EXPECT_GE(buffers_needed({.block_size = 4096}), 16 * 4096 + 4095U);
  EXPECT_EQ(buffers_needed({.block_size = 4096}) % 4096, 0U);
}

TEST(VersusPairs, SettingsWithoutSenseAreRefused) {
  using testing::HasSubstr;
  EXPECT_TRUE(check_settings({}));
  EXPECT_THAT(check_settings({.block_size = 100}).error().doing, HasSubstr("--bs"));
  EXPECT_THAT(check_settings({.size = 3UL << 20U}).error().doing, HasSubstr("--size"));
  EXPECT_THAT(check_settings({.block_size = 4UL << 20U, .size = 2UL << 20U}).error().doing,
              HasSubstr("--size"));
  EXPECT_THAT(check_settings({.runtime = Nanos(1)}).error().doing, HasSubstr("--runtime"));
  EXPECT_THAT(check_settings({.repetitions = 0}).error().doing, HasSubstr("--repeat"));
}

}  // namespace
}  // namespace daxbreak
