// SPDX-License-Identifier: GPL-2.0
// io_uring writes of random mapped pages to a block device: `depth` of them are begun, all are
// reaped, one in a step, then a pause. The pages are dropped by interrupts, and by whoever reaps.
#include <fcntl.h>
#include <liburing.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include "base/file.h"
#include "workloads/storm/steps.h"
#include "workloads/storm/storm.h"
#include "workloads/storm/truce.h"

namespace daxbreak {
namespace {

class RingPinner final : public Load {
 public:
  RingPinner() = default;
  RingPinner(const RingPinner&) = delete;
  RingPinner& operator=(const RingPinner&) = delete;
  ~RingPinner() override { finish(); }

  [[nodiscard]] std::span<const LoadSeries> series() const override { return names; }

  Result<void> prepare(const LoadPlace& place) override {
    place_ = place;
    places_ = Places(0, place.mapped, place.block_size, place, true);
    half_ = place.device_size / 2 / place.block_size;
    if (places_.count() == 0 || half_ == 0)
      return Error{
          "a pinner's bs is larger than what is mapped, or than the device; write a "
          "smaller bs=",
          0};
    auto device = open_file(place.device, O_WRONLY | O_DIRECT);
    if (!device) return device.error();
    device_ = std::move(*device);
    if (const int failed = ::io_uring_queue_init(place.depth, &ring_, 0); failed != 0)
      return Error{"make an io_uring", std::abs(failed)};
    ready_ = true;
    begun_.assign(place.depth, 0);
    return ok();
  }

  int step(LoadMeter& meter) noexcept override {
    if (flying_ == 0) {
      think(place_.think_ns);
      if (const int error = submit_all(); error != 0) return error;
    }
    io_uring_cqe* done = nullptr;
    const int failed = ::io_uring_wait_cqe(&ring_, &done);
    if (failed == -EINTR) return 0;
    if (failed != 0) return -failed;
    const auto slot = static_cast<unsigned>(done->user_data);
    const int result = done->res;
    const std::int64_t end = now_ns();
    ::io_uring_cqe_seen(&ring_, done);
    --flying_;
    if (result == static_cast<int>(place_.block_size))
      meter.add(0, end - begun_[slot], place_.block_size);
    else if (result >= 0 || result == -EFAULT || result == -EINTR || result == -EAGAIN)
      ++missed_;
    else
      return -result;
    return 0;
  }

  void rest() noexcept override {
    for (; flying_ > 0; --flying_) {
      io_uring_cqe* done = nullptr;
      if (::io_uring_wait_cqe(&ring_, &done) != 0) break;
      ::io_uring_cqe_seen(&ring_, done);
    }
  }

  void finish() noexcept override {
    if (!ready_) return;
    ready_ = false;
    rest();
    ::io_uring_queue_exit(&ring_);
  }

  [[nodiscard]] std::vector<LoadNumber> numbers() const override {
    return {{"missed pins", static_cast<double>(missed_)}};
  }

 private:
  /// The pages are taken in the submission (6.12, block/fops.c, __blkdev_direct_IO_async() by way
  /// of bio_iov_iter_get_pages()).
  int submit_all() noexcept {
    if (place_.truce != nullptr) place_.truce->take();
    int error = 0;
    while (flying_ < place_.depth && error == 0)
      error = submit(flying_);
    if (place_.truce != nullptr) place_.truce->end_take();
    return error;
  }

  int submit(unsigned slot) noexcept {
    io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
    if (entry == nullptr) return EBUSY;
    const std::uint64_t offset = places_.next();
    const std::uint64_t piece = half_ + ((offset / place_.block_size) % half_);
    ::io_uring_prep_write(entry, device_.get(), place_.memory + offset,
                          static_cast<unsigned>(place_.block_size), piece * place_.block_size);
    entry->user_data = slot;
    begun_[slot] = now_ns();
    const int submitted = ::io_uring_submit(&ring_);
    if (submitted < 0) return -submitted;
    ++flying_;
    return 0;
  }

  static constexpr std::array names{LoadSeries{.name = "pin", .direction = Direction::write}};

  LoadPlace place_;
  Places places_;
  Fd device_;
  io_uring ring_{};
  bool ready_ = false;
  unsigned flying_ = 0;
  std::vector<std::int64_t> begun_;
  std::uint64_t half_ = 0;
  std::uint64_t missed_ = 0;
};

const StormPinRegistry::Add registered{{
    .name = "io-uring",
    .help = "io_uring O_DIRECT writes of the pages to a block device, iodepth at a time",
    .block = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<RingPinner>()); },
}};

}  // namespace
}  // namespace daxbreak
