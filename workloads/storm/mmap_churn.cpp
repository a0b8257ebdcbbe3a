// SPDX-License-Identifier: GPL-2.0
// Mappings that come and go: mmap(2) of a block (of one page, where blocks are smaller), a store to
// each of its pages, munmap(2). The kernel chooses the address; for DAX files and nodes it aligns
// it so that huge pages can be used (thp_get_unmapped_area(); drivers/dax/device.c,
// dax_get_unmapped_area()).
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/clock.h"
#include "base/file.h"
#include "pmem/mapping.h"
#include "workloads/storm/share.h"
#include "workloads/storm/steps.h"

namespace daxbreak {
namespace {

class MmapChurn final : public Load {
 public:
  [[nodiscard]] std::span<const LoadSeries> series() const override { return all_series; }

  Result<void> prepare(const LoadPlace& place) override {
    page_ = place.page_size;
    length_ = std::max(place.block_size, page_);
    if (length_ % page_ != 0)
      return Error{fmt::format("blocks of {} bytes are no whole pages of {}", length_, page_)};
    auto share = share_of(place, place.size, length_);
    if (!share) return share.error();
    auto file = open_file(place.path, O_RDWR);
    if (!file) return file.error();
    file_ = std::move(*file);
    offsets_ = Offsets(*share, length_, place);
    think_ns_ = place.think_ns;
    return ok();
  }

  [[nodiscard]] int step(LoadMeter& meter) noexcept override {
    think(think_ns_);
    const auto offset = static_cast<off_t>(offsets_.next());
    const std::int64_t begin = now_ns();
    void* const mapped =
        ::mmap(nullptr, length_, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), offset);
    const std::int64_t touching = now_ns();
    if (mapped == MAP_FAILED) return errno;
    // What has room for a huge page is kept from having one, if small ones are asked for.
    if (page_ == small_page && length_ >= huge_page) ::madvise(mapped, length_, MADV_NOHUGEPAGE);
    auto* const bytes = static_cast<volatile std::byte*>(mapped);
    for (std::uint64_t at = 0; at < length_; at += page_)
      bytes[at] = std::byte{1};
    const std::int64_t unmapping = now_ns();
    if (::munmap(mapped, length_) != 0) return errno;
    const std::int64_t end = now_ns();
    meter.add(0, end - begin, length_);
    meter.add(1, touching - begin, length_);
    meter.add(2, end - unmapping, length_);
    return 0;
  }

 private:
  static constexpr std::array all_series{LoadSeries{"churn", Direction::write},
                                         LoadSeries{"mmap", Direction::none},
                                         LoadSeries{"munmap", Direction::none}};

  Fd file_;
  std::uint64_t page_ = 0;
  std::uint64_t length_ = 0;
  Offsets offsets_;
  std::int64_t think_ns_ = 0;
};

const LoadRegistry::Add registered{{
    .name = "mmap-churn",
    .help = "mmap(2) of a block, a store to each of its pages, munmap(2)",
    .device = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<MmapChurn>()); },
}};

}  // namespace
}  // namespace daxbreak
