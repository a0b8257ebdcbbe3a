// SPDX-License-Identifier: GPL-2.0
// The plain loads on ordinary files: what they do to them, and that their timed path allocates
// nothing.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <new>
#include <optional>
#include <set>

#include "base/file.h"
#include "workloads/storm/load.h"
#include "workloads/storm/share.h"

namespace {
// NOLINTNEXTLINE: the operators below have no other place to count in.
thread_local std::size_t allocations = 0;
}  // namespace

// NOLINTBEGIN: replacing the allocation functions is what this is about. Inlined, gcc 12 takes the
// pairs for mismatched.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
// NOLINTEND

namespace daxbreak {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t megabyte = 1U << 20U;
constexpr std::uint64_t block = 4096;

/// Remembers without allocating.
class Counter final : public LoadMeter {
 public:
  void add(unsigned series, std::int64_t ns, std::uint64_t size) noexcept override {
    ++count.at(series);
    bytes.at(series) += size;
    negative = negative || ns < 0;
  }
  std::array<std::uint64_t, 4> count{};
  std::array<std::uint64_t, 4> bytes{};
  bool negative = false;
};

/// Two files of 'a' bytes: one to map, one that stands for the block device.
class PlainLoads : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("plain-loads-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    place_.path = (folder_ / "data").string();
    place_.device = (folder_ / "device").string();
    place_.folder = folder_.string();
    place_.size = 4 * megabyte;
    place_.page_size = 2 * megabyte;  // needs no THP in this kernel, as forbidding them would
    place_.block_size = block;
    place_.device_size = 2 * megabyte;
    ASSERT_TRUE(write_file(place_.path, std::string(place_.size, 'a')));
    ASSERT_TRUE(write_file(place_.device, std::string(place_.device_size, 'a')));
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Steps a load; nullopt where this machine cannot do what it does.
  std::optional<Counter> run(std::string_view name, unsigned steps) {
    const LoadKind* const kind = LoadRegistry::find(name);
    if (kind == nullptr) {
      ADD_FAILURE() << "no load " << name;
      return std::nullopt;
    }
    const auto load = kind->make();
    if (const auto prepared = load->prepare(place_); !prepared) {
      why_ = prepared.error().message();
      const int number = prepared.error().number;
      EXPECT_TRUE(number == EINVAL || number == ENOSYS || number == EPERM) << name << why_;
      return std::nullopt;
    }
    Counter counter;
    const std::size_t before = allocations;
    for (unsigned step = 0; step < steps; ++step)
      if (const int error = load->step(counter); error != 0) {
        ADD_FAILURE() << name << ": " << std::strerror(error);
        break;
      }
    EXPECT_EQ(allocations, before) << name << " allocates while the clock runs";
    load->finish();
    EXPECT_FALSE(counter.negative);
    for (std::size_t series = 0; series < counter.count.size(); ++series)
      EXPECT_EQ(counter.count.at(series) != 0, series < load->series().size()) << name;
    return counter;
  }

  /// Blocks of a file that are not as they were made.
  std::set<std::uint64_t> changed(const std::string& path) {
    const auto bytes = read_file(path);
    std::set<std::uint64_t> blocks;
    for (std::uint64_t at = 0; bytes && at < bytes->size(); at += block)
      if (bytes->substr(at, block) != std::string(block, 'a')) blocks.insert(at / block);
    return blocks;
  }

  fs::path folder_;
  LoadPlace place_;
  std::string why_;
};

TEST_F(PlainLoads, StoresReachEveryBlockInOrder) {
  for (const char* name : {"pmem-store", "pmem-store-noflush"}) {
    ASSERT_TRUE(write_file(place_.path, std::string(place_.size, 'a')));
    const auto counter = run(name, 10);
    ASSERT_TRUE(counter) << why_;
    EXPECT_EQ(counter->bytes[0], 10 * block);
    EXPECT_THAT(changed(place_.path), testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  }
}

TEST_F(PlainLoads, LoadsChangeNothing) {
  const auto counter = run("pmem-load", 2000);  // more than there are blocks: round again
  ASSERT_TRUE(counter) << why_;
  EXPECT_EQ(counter->count[0], 2000U);
  EXPECT_TRUE(changed(place_.path).empty());
}

TEST_F(PlainLoads, ThreadsKeepToTheirShares) {
  place_.threads = 4;
  place_.thread = 2;
  place_.random = true;
  ASSERT_TRUE(run("pmem-store", 4000)) << why_;
  const auto blocks = changed(place_.path);
  const std::uint64_t each = place_.size / block / 4;
  EXPECT_EQ(*blocks.begin(), 2 * each);
  EXPECT_EQ(*blocks.rbegin(), 3 * each - 1);
  EXPECT_GT(blocks.size(), each * 9 / 10) << "random offsets leave much out";
}

TEST_F(PlainLoads, DirectReadsFillTheMapping) {
  ASSERT_TRUE(write_file(place_.device, std::string(place_.device_size, 'b')));
  for (const char* name : {"odirect-read", "io-uring-read"}) {
    ASSERT_TRUE(write_file(place_.path, std::string(place_.size, 'a')));
    place_.depth = 4;
    const auto counter = run(name, 8);
    if (!counter) GTEST_SKIP() << why_;
    EXPECT_EQ(counter->count[0], 8U);
    EXPECT_GE(changed(place_.path).size(), 8U) << name;
  }
}

TEST_F(PlainLoads, DirectWritesGoToTheSecondHalf) {
  ASSERT_TRUE(write_file(place_.path, std::string(place_.size, 'c')));
  for (const char* name : {"odirect-write", "io-uring-write"}) {
    ASSERT_TRUE(write_file(place_.device, std::string(place_.device_size, 'a')));
    place_.depth = 4;
    const auto counter = run(name, 8);
    if (!counter) GTEST_SKIP() << why_;
    const auto blocks = changed(place_.device);
    EXPECT_GE(blocks.size(), 8U) << name;
    EXPECT_LE(blocks.size(), 8U + place_.depth) << name;
    EXPECT_EQ(*blocks.begin(), place_.device_size / block / 2) << name;
  }
}

TEST_F(PlainLoads, FaultsTouchEveryPageAndBeginAgain) {
  const auto counter = run("fault", 5);
  ASSERT_TRUE(counter) << why_;
  EXPECT_EQ(counter->count[0], 5U);
  EXPECT_THAT(changed(place_.path), testing::ElementsAre(0, 512));  // a byte in each 2 MiB
}

TEST_F(PlainLoads, PinsAreTakenAndDropped) {
  place_.block_size = 4 * block;
  const auto counter = run("pin", 100);
  ASSERT_TRUE(counter) << why_;
  EXPECT_EQ(counter->count[0], 100U);
  EXPECT_EQ(counter->count[1], 100U);
  EXPECT_EQ(counter->count[2], 100U);
  EXPECT_TRUE(changed(place_.path).empty());
}

TEST_F(PlainLoads, ChurnLeavesNoMapping) {
  const auto mappings = [this] {
    const auto maps = read_file("/proc/self/maps");
    std::size_t count = 0;
    for (auto at = maps->find(place_.path); at != std::string::npos;
         at = maps->find(place_.path, at + 1))
      ++count;
    return count;
  };
  ASSERT_TRUE(run("mmap-churn", 50)) << why_;
  EXPECT_EQ(mappings(), 0U);
}

TEST_F(PlainLoads, PunchedBlocksAreThereAgain) {
  const auto counter = run("falloc-punch", 3);
  ASSERT_TRUE(counter) << why_;
  EXPECT_EQ(counter->count[0], 3U);
  EXPECT_EQ(counter->count[1], 3U);
  EXPECT_THAT(changed(place_.path), testing::ElementsAre(0, 1, 2));
  EXPECT_EQ(fs::file_size(place_.path), place_.size);
}

TEST_F(PlainLoads, WhatIsTooSmallIsRefusedWithTheReason) {
  place_.threads = 4;
  place_.block_size = 2 * megabyte;
  const auto load = LoadRegistry::find("pmem-load")->make();
  const auto prepared = load->prepare(place_);
  ASSERT_FALSE(prepared);
  EXPECT_THAT(prepared.error().message(), testing::HasSubstr("too few for 4 threads"));
}

TEST(Offsets, GoRoundInOrderAndReachAllAtRandom) {
  const Share share{.begin = 100 * block, .size = 5 * block};
  Offsets ordered(share, block, {});
  for (const std::uint64_t expected : {100, 101, 102, 103, 104, 100, 101})
    EXPECT_EQ(ordered.next(), expected * block);
  LoadPlace place;
  place.random = true;
  Offsets random(share, block, place);
  std::map<std::uint64_t, int> seen;
  for (int step = 0; step < 5000; ++step)
    ++seen[random.next()];
  ASSERT_EQ(seen.size(), 5U);
  EXPECT_EQ(seen.begin()->first, share.begin);
  EXPECT_EQ(seen.rbegin()->first, share.begin + 4 * block);
  for (const auto& [offset, times] : seen)
    EXPECT_NEAR(times, 1000, 150) << offset;
}

}  // namespace
}  // namespace daxbreak
