// SPDX-License-Identifier: GPL-2.0
// O_DIRECT between a block device and random mapped pages, one after the other: the pages are held
// from the system call until the device has answered.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/file.h"
#include "workloads/storm/steps.h"
#include "workloads/storm/storm.h"

namespace daxbreak {
namespace {

/// `into` the pages: pread(2) from the device's first half; else pwrite(2) to its second.
template <bool into>
class DirectPinner final : public Load {
 public:
  [[nodiscard]] std::span<const LoadSeries> series() const override { return names; }

  Result<void> prepare(const LoadPlace& place) override {
    place_ = place;
    places_ = Places(into ? place.kept : 0, place.mapped, place.block_size, place, true);
    half_ = place.device_size / 2 / place.block_size;
    if (places_.count() == 0 || half_ == 0)
      return Error{
          "a pinner's bs is larger than what is mapped, or than the device; write a "
          "smaller bs=",
          0};
    auto device = open_file(place.device, (into ? O_RDONLY : O_WRONLY) | O_DIRECT);
    if (!device) return device.error();
    device_ = std::move(*device);
    return ok();
  }

  int step(LoadMeter& meter) noexcept override {
    think(place_.think_ns);
    const std::uint64_t offset = places_.next();
    const std::uint64_t piece = (offset / place_.block_size) % half_;
    const std::uint64_t size = place_.block_size;
    const std::int64_t begin = now_ns();
    const ssize_t moved = into ? ::pread(device_.get(), place_.memory + offset, size,
                                         static_cast<off_t>(piece * size))
                               : ::pwrite(device_.get(), place_.memory + offset, size,
                                          static_cast<off_t>((half_ + piece) * size));
    const std::int64_t end = now_ns();
    if (moved == static_cast<ssize_t>(size)) {
      meter.add(0, end - begin, size);
      return 0;
    }
    // Behind a file's end that a breaker has just moved there is no page to hold.
    if (moved >= 0 || errno == EFAULT || errno == EINTR) {
      ++missed_;
      return 0;
    }
    return errno;
  }

  [[nodiscard]] std::vector<LoadNumber> numbers() const override {
    return {{"missed pins", static_cast<double>(missed_)}};
  }

 private:
  static constexpr std::array names{
      LoadSeries{.name = "pin", .direction = into ? Direction::read : Direction::write}};

  LoadPlace place_;
  Places places_;
  Fd device_;
  std::uint64_t half_ = 0;
  std::uint64_t missed_ = 0;
};

const StormPinRegistry::Add registered_read{{
    .name = "odirect-read",
    .help = "O_DIRECT pread(2) from a block device into the pages",
    .block = true,
    .writes = true,
    .in_parts = false,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<DirectPinner<true>>()); },
}};

const StormPinRegistry::Add registered_write{{
    .name = "odirect-write",
    .help = "O_DIRECT pwrite(2) of the pages to a block device",
    .block = true,
    .in_parts = false,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<DirectPinner<false>>()); },
}};

}  // namespace
}  // namespace daxbreak
