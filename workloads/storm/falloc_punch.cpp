// SPDX-License-Identifier: GPL-2.0
// Blocks are punched out of a file and allocated again: every punch breaks a layout that nobody
// holds, which is what a break costs at least. The system calls are those of fio's engine falloc
// with rw=trimwrite (a trim punches with KEEP_SIZE, a write allocates with mode 0).
#include <fcntl.h>

#include <array>
#include <cerrno>

#include "base/clock.h"
#include "base/file.h"
#include "workloads/storm/share.h"
#include "workloads/storm/steps.h"

namespace daxbreak {
namespace {

class FallocPunch final : public Load {
 public:
  [[nodiscard]] std::span<const LoadSeries> series() const override { return all_series; }

  Result<void> prepare(const LoadPlace& place) override {
    auto share = share_of(place, place.size, place.block_size);
    if (!share) return share.error();
    auto file = open_file(place.path, O_RDWR);
    if (!file) return file.error();
    file_ = std::move(*file);
    block_ = place.block_size;
    offsets_ = Offsets(*share, block_, place);
    think_ns_ = place.think_ns;
    return ok();
  }

  [[nodiscard]] int step(LoadMeter& meter) noexcept override {
    think(think_ns_);
    const auto offset = static_cast<off_t>(offsets_.next());
    const auto length = static_cast<off_t>(block_);
    const std::int64_t begin = now_ns();
    if (::fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) != 0)
      return errno;
    const std::int64_t between = now_ns();
    if (::fallocate(file_.get(), 0, offset, length) != 0) return errno;
    meter.add(1, now_ns() - between, block_);
    meter.add(0, between - begin, block_);
    return 0;
  }

 private:
  static constexpr std::array all_series{LoadSeries{"punch", Direction::trim},
                                         LoadSeries{"refill", Direction::write}};

  Fd file_;
  std::uint64_t block_ = 0;
  Offsets offsets_;
  std::int64_t think_ns_ = 0;
};

const LoadRegistry::Add registered{{
    .name = "falloc-punch",
    .help = "fallocate(2) punches a block out of the file and allocates it again",
    .make = [] { return std::unique_ptr<Load>(std::make_unique<FallocPunch>()); },
}};

}  // namespace
}  // namespace daxbreak
