// SPDX-License-Identifier: GPL-2.0
// Loads: memcpy(3) of a block from the mapping to ordinary memory, as fio's engines libpmem,
// dev-dax and mmap read.
#include <array>
#include <cstring>

#include "base/clock.h"
#include "workloads/storm/place.h"
#include "workloads/storm/steps.h"

namespace daxbreak {
namespace {

class PmemLoad final : public Load {
 public:
  [[nodiscard]] std::span<const LoadSeries> series() const override { return all_series; }

  Result<void> prepare(const LoadPlace& place) override {
    auto mapped = MappedPlace::open(place);
    if (!mapped) return mapped.error();
    auto share = share_of(place, mapped->size(), place.block_size);
    if (!share) return share.error();
    place_ = std::move(*mapped);
    block_ = place.block_size;
    offsets_ = Offsets(*share, block_, place);
    to_ = PageBuffer(block_);
    think_ns_ = place.think_ns;
    return ok();
  }

  [[nodiscard]] int step(LoadMeter& meter) noexcept override {
    think(think_ns_);
    const std::byte* const from = place_.data() + offsets_.next();
    const std::int64_t begin = now_ns();
    std::memcpy(to_.data(), from, block_);
    // The copy must happen between the two readings, though nobody looks at it.
    asm volatile("" : : "r"(to_.data()) : "memory");
    meter.add(0, now_ns() - begin, block_);
    return 0;
  }

 private:
  static constexpr std::array all_series{LoadSeries{"load", Direction::read}};

  MappedPlace place_;
  std::uint64_t block_ = 0;
  Offsets offsets_;
  PageBuffer to_;
  std::int64_t think_ns_ = 0;
};

const LoadRegistry::Add registered{{
    .name = "pmem-load",
    .help = "memcpy of blocks out of the mapping",
    .device = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<PmemLoad>()); },
}};

}  // namespace
}  // namespace daxbreak
