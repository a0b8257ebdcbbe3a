// SPDX-License-Identifier: GPL-2.0
// Page faults: one store to each page of the mapping in turn; after the last one the mapping's page
// tables are emptied (MADV_DONTNEED zaps the entries of a shared mapping and leaves the data alone,
// mm/madvise.c, madvise_dontneed_single_vma()), which is not timed. The order is ascending whatever
// the place says: a page that is mapped already would not fault.
#include <sys/mman.h>

#include <array>
#include <cerrno>

#include "base/clock.h"
#include "workloads/storm/place.h"
#include "workloads/storm/steps.h"

namespace daxbreak {
namespace {

class Fault final : public Load {
 public:
  [[nodiscard]] std::span<const LoadSeries> series() const override { return all_series; }

  Result<void> prepare(const LoadPlace& place) override {
    auto mapped = MappedPlace::open(place);
    if (!mapped) return mapped.error();
    auto share = share_of(place, mapped->size(), place.page_size);
    if (!share) return share.error();
    place_ = std::move(*mapped);
    page_ = place.page_size;
    share_ = *share;
    think_ns_ = place.think_ns;
    return ok();
  }

  [[nodiscard]] int step(LoadMeter& meter) noexcept override {
    think(think_ns_);
    if (at_ == share_.size) {
      if (::madvise(place_.data() + share_.begin, share_.size, MADV_DONTNEED) != 0) return errno;
      at_ = 0;
    }
    volatile std::byte* const page = place_.data() + share_.begin + at_;
    const std::int64_t begin = now_ns();
    *page = std::byte{1};
    meter.add(0, now_ns() - begin, page_);
    at_ += page_;
    return 0;
  }

 private:
  static constexpr std::array all_series{LoadSeries{"fault", Direction::write}};

  MappedPlace place_;
  std::uint64_t page_ = 0;
  Share share_;
  std::uint64_t at_ = 0;
  std::int64_t think_ns_ = 0;
};

const LoadRegistry::Add registered{{
    .name = "fault",
    .help = "stores to pages that are not mapped yet: one fault each",
    .device = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<Fault>()); },
}};

}  // namespace
}  // namespace daxbreak
