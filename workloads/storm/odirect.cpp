// SPDX-License-Identifier: GPL-2.0
// pread(2) and pwrite(2) with O_DIRECT between a block device and DAX memory: each takes references
// on the pages of its buffer and drops them, at the full rate of the device. The system calls are
// those of fio's engine psync with mem=mmapshared:.
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/clock.h"
#include "workloads/storm/place.h"
#include "workloads/storm/steps.h"

namespace daxbreak {
namespace {

class Odirect final : public Load {
 public:
  explicit Odirect(bool reads)
      : reads_(reads),
        series_{LoadSeries{reads ? "read" : "write", reads ? Direction::read : Direction::write}} {}

  [[nodiscard]] std::span<const LoadSeries> series() const override { return series_; }

  Result<void> prepare(const LoadPlace& place) override {
    auto mapped = MappedPlace::open(place);
    if (!mapped) return mapped.error();
    auto share = share_of(place, mapped->size(), place.block_size);
    if (!share) return share.error();
    auto block = BlockPlace::open(place, series_[0].direction);
    if (!block) return block.error();
    place_ = std::move(*mapped);
    device_ = std::move(block->device);
    block_ = place.block_size;
    buffers_ = Offsets(*share, block_, place);
    blocks_ = Offsets(block->share, block_, place);
    think_ns_ = place.think_ns;
    return ok();
  }

  [[nodiscard]] int step(LoadMeter& meter) noexcept override {
    think(think_ns_);
    std::byte* const buffer = place_.data() + buffers_.next();
    const auto offset = static_cast<off_t>(blocks_.next());
    const std::int64_t begin = now_ns();
    const ssize_t moved = reads_ ? ::pread(device_.get(), buffer, block_, offset)
                                 : ::pwrite(device_.get(), buffer, block_, offset);
    const std::int64_t end = now_ns();
    if (moved != static_cast<ssize_t>(block_)) return moved < 0 ? errno : EIO;
    meter.add(0, end - begin, block_);
    return 0;
  }

 private:
  bool reads_;
  std::array<LoadSeries, 1> series_;
  MappedPlace place_;
  Fd device_;
  std::uint64_t block_ = 0;
  Offsets buffers_;
  Offsets blocks_;
  std::int64_t think_ns_ = 0;
};

const LoadRegistry::Add registered_read{{
    .name = "odirect-read",
    .help = "pread(2) with O_DIRECT from a block device into the mapping",
    .device = true,
    .block = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<Odirect>(true)); },
}};

const LoadRegistry::Add registered_write{{
    .name = "odirect-write",
    .help = "pwrite(2) with O_DIRECT from the mapping to a block device",
    .device = true,
    .block = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<Odirect>(false)); },
}};

}  // namespace
}  // namespace daxbreak
