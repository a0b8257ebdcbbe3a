// SPDX-License-Identifier: GPL-2.0
// O_DIRECT through io_uring between a block device and DAX memory, `depth` operations in flight, as
// fio's engine io_uring with mem=mmapshared: and its default batches of one: fill the queue, then
// take one completion and submit one operation. The time of an operation is from before its
// submission to its completion being seen (fio's lat; its clat leaves the submission out).
#include <array>
#include <cerrno>
#include <vector>

#include "base/clock.h"
#include "workloads/storm/place.h"
#include "workloads/storm/ring.h"
#include "workloads/storm/steps.h"

namespace daxbreak {
namespace {

class IoUring final : public Load {
 public:
  explicit IoUring(bool reads)
      : reads_(reads),
        series_{LoadSeries{reads ? "read" : "write", reads ? Direction::read : Direction::write}} {}

  [[nodiscard]] std::span<const LoadSeries> series() const override { return series_; }

  Result<void> prepare(const LoadPlace& place) override {
    auto mapped = MappedPlace::open(place);
    if (!mapped) return mapped.error();
    auto share = share_of(place, mapped->size(), place.block_size * place.depth);
    if (!share) return share.error();
    auto block = BlockPlace::open(place, series_[0].direction);
    if (!block) return block.error();
    if (auto started = ring_.start(place.depth); !started) return started;
    place_ = std::move(*mapped);
    device_ = std::move(block->device);
    block_ = place.block_size;
    blocks_ = Offsets(block->share, block_, place);
    slots_.resize(place.depth);
    // Every slot has buffers of its own, so that no two operations in flight share one.
    const std::uint64_t own = share->size / place.depth;
    for (unsigned slot = 0; slot < place.depth; ++slot) {
      slots_[slot].buffers =
          Offsets({.begin = share->begin + slot * own, .size = own}, block_, place);
      io_uring_sqe& entry = ring_.entry(slot);
      if (reads_)
        io_uring_prep_read(&entry, device_.get(), nullptr, static_cast<unsigned>(block_), 0);
      else
        io_uring_prep_write(&entry, device_.get(), nullptr, static_cast<unsigned>(block_), 0);
      entry.user_data = slot;
      idle_.push_back(slot);
    }
    think_ns_ = place.think_ns;
    return ok();
  }

  [[nodiscard]] int step(LoadMeter& meter) noexcept override {
    think(think_ns_);
    while (!idle_.empty()) {
      const unsigned slot = idle_.back();
      if (const int error = submit(slot); error != 0) return error;
      idle_.pop_back();
    }
    RingDone done;
    if (const int error = ring_.reap(done); error != 0) return error;
    const std::int64_t end = now_ns();
    idle_.push_back(done.slot);  // within what prepare() made room for
    if (done.result != static_cast<int>(block_)) return done.result < 0 ? -done.result : EIO;
    meter.add(0, end - slots_[done.slot].begin, block_);
    return 0;
  }

  void finish() noexcept override {
    RingDone done;
    while (idle_.size() < slots_.size() && ring_.reap(done) == 0)
      idle_.push_back(done.slot);
  }

 private:
  struct Slot {
    Offsets buffers;
    std::int64_t begin = 0;
  };

  int submit(unsigned slot) noexcept {
    Slot& own = slots_[slot];
    io_uring_sqe& entry = ring_.entry(slot);
    entry.addr = reinterpret_cast<std::uintptr_t>(place_.data() + own.buffers.next());
    entry.off = blocks_.next();
    own.begin = now_ns();
    return ring_.submit(slot);
  }

  bool reads_;
  std::array<LoadSeries, 1> series_;
  MappedPlace place_;
  Fd device_;
  std::uint64_t block_ = 0;
  Offsets blocks_;
  std::vector<Slot> slots_;
  std::vector<unsigned> idle_;
  Ring ring_;  // the first to go: it may use the others
  std::int64_t think_ns_ = 0;
};

const LoadRegistry::Add registered_read{{
    .name = "io-uring-read",
    .help = "io_uring reads with O_DIRECT from a block device into the mapping, iodepth in flight",
    .device = true,
    .block = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<IoUring>(true)); },
}};

const LoadRegistry::Add registered_write{{
    .name = "io-uring-write",
    .help = "io_uring writes with O_DIRECT from the mapping to a block device, iodepth in flight",
    .device = true,
    .block = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<IoUring>(false)); },
}};

}  // namespace
}  // namespace daxbreak
