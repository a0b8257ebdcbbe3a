// SPDX-License-Identifier: GPL-2.0
#include "pmem/pagemap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <array>

#include "pmem/mapping.h"

namespace daxbreak {
namespace {

using ::testing::HasSubstr;

TEST(PagemapOfThisProcess, TellsWhatIsMappedAsItChanges) {
  constexpr std::size_t length = 3 * small_page;
  void* const made =
      ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(made, MAP_FAILED);
  static_cast<void>(::madvise(made, length, MADV_NOHUGEPAGE));  // not every kernel has them
  auto* const pages = static_cast<std::byte*>(made);
  auto pagemap = Pagemap::open();
  ASSERT_TRUE(pagemap) << pagemap.error().message();

  std::array<std::uint64_t, 3> entries{~0ULL, ~0ULL, ~0ULL};
  pages[small_page] = std::byte{1};
  ASSERT_TRUE(pagemap->read(pages, entries));
  EXPECT_EQ(entries[0] & pagemap_present, 0U);
  EXPECT_EQ(entries[1] & pagemap_present, pagemap_present);
  EXPECT_EQ(entries[2] & pagemap_present, 0U);

  std::uint64_t entry = 0;
  ASSERT_TRUE(pagemap->read(pages + small_page + 5, {&entry, 1})) << "any byte of the page";
  EXPECT_EQ(entry, entries[1]);
  ASSERT_EQ(::munmap(made, length), 0);
  ASSERT_TRUE(pagemap->read(pages + small_page, {&entry, 1}));
  EXPECT_EQ(entry & pagemap_present, 0U);
}

TEST(PagemapOfThisProcess, EndsWithTheAddressSpace) {
  auto pagemap = Pagemap::open();
  ASSERT_TRUE(pagemap) << pagemap.error().message();
  std::uint64_t entry = 0;
  const auto read = pagemap->read(reinterpret_cast<std::byte*>(~0ULL), {&entry, 1});
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message(), HasSubstr("/proc/self/pagemap"));
}

}  // namespace
}  // namespace daxbreak
