// SPDX-License-Identifier: GPL-2.0
// References taken and dropped and nothing else: vmsplice(2) puts a block's pages into a pipe (one
// reference each), splice(2) to /dev/null drops them (drivers/char/mem.c, splice_write_null()). No
// byte is copied and no device is asked.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/clock.h"
#include "base/file.h"
#include "workloads/storm/place.h"
#include "workloads/storm/steps.h"

namespace daxbreak {
namespace {

class GetPut final : public Load {
 public:
  [[nodiscard]] std::span<const LoadSeries> series() const override { return all_series; }

  Result<void> prepare(const LoadPlace& place) override {
    auto mapped = MappedPlace::open(place);
    if (!mapped) return mapped.error();
    auto share = share_of(place, mapped->size(), place.block_size);
    if (!share) return share.error();
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make a pipe");
    out_ = Fd(ends[0]);
    in_ = Fd(ends[1]);
    // A slot for each page of a block, or vmsplice would wait for somebody to empty the pipe.
    const int room = ::fcntl(in_.get(), F_SETPIPE_SZ, static_cast<int>(place.block_size));
    if (room < 0 || static_cast<std::uint64_t>(room) < place.block_size)
      return errno_error(fmt::format("make a pipe of {} bytes (see /proc/sys/fs/pipe-max-size)",
                                     place.block_size));
    auto nothing = open_file("/dev/null", O_WRONLY);
    if (!nothing) return nothing.error();
    nothing_ = std::move(*nothing);
    place_ = std::move(*mapped);
    block_ = place.block_size;
    offsets_ = Offsets(*share, block_, place);
    think_ns_ = place.think_ns;
    return ok();
  }

  [[nodiscard]] int step(LoadMeter& meter) noexcept override {
    think(think_ns_);
    const iovec part{.iov_base = place_.data() + offsets_.next(), .iov_len = block_};
    const auto whole = static_cast<ssize_t>(block_);
    const std::int64_t begin = now_ns();
    const ssize_t got = ::vmsplice(in_.get(), &part, 1, 0);
    const std::int64_t between = now_ns();
    if (got != whole) return got < 0 ? errno : EIO;
    const ssize_t put = ::splice(out_.get(), nullptr, nothing_.get(), nullptr, block_, 0);
    const std::int64_t end = now_ns();
    if (put != whole) return put < 0 ? errno : EIO;
    meter.add(0, end - begin, block_);
    meter.add(1, between - begin, block_);
    meter.add(2, end - between, block_);
    return 0;
  }

 private:
  static constexpr std::array all_series{LoadSeries{"pin", Direction::write},
                                         LoadSeries{"get", Direction::none},
                                         LoadSeries{"put", Direction::none}};

  Fd out_;
  Fd in_;
  Fd nothing_;
  MappedPlace place_;
  std::uint64_t block_ = 0;
  Offsets offsets_;
  std::int64_t think_ns_ = 0;
};

const LoadRegistry::Add registered{{
    .name = "pin",
    .help = "references on a block's pages, taken by vmsplice(2) and dropped by splice(2)",
    .device = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<GetPut>()); },
}};

}  // namespace
}  // namespace daxbreak
