// SPDX-License-Identifier: GPL-2.0
// fallocate(2) punches a hole of bs bytes at a random place; what was mapped of it is faulted in
// again, with new blocks.
#include <linux/falloc.h>

#include "workloads/storm/breaks.h"

namespace daxbreak {
namespace {

class PunchBreaker final : public Load {
 public:
  [[nodiscard]] std::span<const LoadSeries> series() const override { return break_series; }
  Result<void> prepare(const LoadPlace& place) override { return file_.open(place); }

  int step(LoadMeter& meter) noexcept override {
    think(file_.place().think_ns);
    const std::uint64_t offset = file_.next();
    const std::uint64_t length = file_.place().block_size;
    file_.begin();
    const std::int64_t begin = now_ns();
    const int failed = ::fallocate(file_.fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                   static_cast<off_t>(offset), static_cast<off_t>(length));
    const std::int64_t end = now_ns();
    const int error = failed != 0 ? errno : 0;
    meter.returned(error);
    if (error == 0) meter.add(0, end - begin, length);  // at once: stamps are read by it
    file_.end();
    if (error != 0) return error;
    file_.refault(offset, offset + length, meter);
    return 0;
  }

  [[nodiscard]] std::vector<LoadNumber> numbers() const override {
    return {{"missed faults", file_.missed()}};
  }

 private:
  Breakable file_;
};

const StormBreakRegistry::Add registered{{
    .name = "punch-hole",
    .help = "fallocate(2) with FALLOC_FL_PUNCH_HOLE at a random place, then faults it in again",
    .make = [] { return std::unique_ptr<Load>(std::make_unique<PunchBreaker>()); },
}};

}  // namespace
}  // namespace daxbreak
