// SPDX-License-Identifier: GPL-2.0
// Stores through libpmem2: a block of ordinary memory is copied to the mapping. With the flush, the
// copy is durable when it returns (pmem2_get_memcpy_fn(3) with flags 0 persists), which is what
// fio's engines libpmem (sync=1) and dev-dax do by pmem_memcpy_persist().
#include <libpmem2.h>

#include <array>

#include "base/clock.h"
#include "workloads/storm/place.h"
#include "workloads/storm/steps.h"

namespace daxbreak {
namespace {

class PmemStore final : public Load {
 public:
  explicit PmemStore(unsigned flags) : flags_(flags) {}

  [[nodiscard]] std::span<const LoadSeries> series() const override { return all_series; }

  Result<void> prepare(const LoadPlace& place) override {
    auto mapped = MappedPlace::open(place, MapBy::libpmem2);
    if (!mapped) return mapped.error();
    auto share = share_of(place, mapped->size(), place.block_size);
    if (!share) return share.error();
    place_ = std::move(*mapped);
    copy_ = place_.copy();
    block_ = place.block_size;
    offsets_ = Offsets(*share, block_, place);
    from_ = PageBuffer(block_);
    think_ns_ = place.think_ns;
    return ok();
  }

  [[nodiscard]] int step(LoadMeter& meter) noexcept override {
    think(think_ns_);
    std::byte* const to = place_.data() + offsets_.next();
    const std::int64_t begin = now_ns();
    copy_(to, from_.data(), block_, flags_);
    meter.add(0, now_ns() - begin, block_);
    return 0;
  }

 private:
  static constexpr std::array all_series{LoadSeries{"store", Direction::write}};

  unsigned flags_;
  MappedPlace place_;
  PmemCopy copy_ = nullptr;
  std::uint64_t block_ = 0;
  Offsets offsets_;
  PageBuffer from_;
  std::int64_t think_ns_ = 0;
};

const LoadRegistry::Add registered{{
    .name = "pmem-store",
    .help = "libpmem2 copies blocks to the mapping and makes them durable",
    .device = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<PmemStore>(0)); },
}};

const LoadRegistry::Add registered_noflush{{
    .name = "pmem-store-noflush",
    .help = "libpmem2 copies blocks to the mapping and leaves them in the CPU's caches",
    .device = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<PmemStore>(PMEM2_F_MEM_NOFLUSH)); },
}};

}  // namespace
}  // namespace daxbreak
