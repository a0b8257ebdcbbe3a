// SPDX-License-Identifier: GPL-2.0
#include "lab/cache.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <thread>

#include "base/file.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class CacheFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "daxbreak-cache-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(CacheFolder, AWaitForALockEndsWhenStopped) {
  auto cache = Cache::open(folder_);
  ASSERT_TRUE(cache) << cache.error().message();
  auto held = cache->lock("part", 1s, {});
  ASSERT_TRUE(held) << held.error().message();
  EXPECT_EQ(cache->lock("part", 10ms, {}).error().number, ETIMEDOUT);

  const Deadline soon(5s);
  std::stop_source source;
  const std::jthread asker([&source] {
    sleep_for(50ms);
    source.request_stop();
  });
  EXPECT_EQ(cache->lock("part", 30s, {}, source.get_token()).error().number, ECANCELED);
  EXPECT_FALSE(soon.passed());
  EXPECT_TRUE(cache->lock("other", 1s, {}, source.get_token())) << "there was nothing to wait for";
}

TEST_F(CacheFolder, PruneLeavesWhatIsKeptAndWhatIsFresh) {
  for (const char* name : {"a-1", "a-2", "b-1"})
    ASSERT_TRUE(write_file(folder_ / name, ""));
  prune(folder_, "a-", "", 1h);
  EXPECT_TRUE(fs::exists(folder_ / "a-1")) << "touched just now";
  prune(folder_, "a-", "a-2", 0ns);
  EXPECT_FALSE(fs::exists(folder_ / "a-1"));
  EXPECT_TRUE(fs::exists(folder_ / "a-2"));
  EXPECT_TRUE(fs::exists(folder_ / "b-1"));
  prune(folder_ / "none", "", "", 0ns);
}

}  // namespace
}  // namespace daxbreak
