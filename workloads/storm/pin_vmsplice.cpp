// SPDX-License-Identifier: GPL-2.0
// vmsplice(2) of random mapped pages (FOLL_GET: fs/splice.c, iter_to_pipe()). Each pinner takes
// `depth` pieces into a pipe, keeps them for a while, lets them go one by one, and pauses.
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/file.h"
#include "workloads/storm/steps.h"
#include "workloads/storm/storm.h"
#include "workloads/storm/truce.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t page = 4096;

class VmsplicePinner final : public Load {
 public:
  [[nodiscard]] std::span<const LoadSeries> series() const override { return names; }

  Result<void> prepare(const LoadPlace& place) override {
    place_ = place;
    places_ = Places(0, place.mapped, place.block_size, place, true);
    if (places_.count() == 0)
      return Error{"a pinner's bs is larger than what is mapped; write a smaller bs=", 0};
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return errno_error("make a pipe");
    out_ = Fd(ends[0]);
    in_ = Fd(ends[1]);
    // One buffer for each page (fs/splice.c, vmsplice_to_pipe()), and one piece to spare.
    const std::uint64_t pages = std::max<std::uint64_t>(1, place.block_size / page);
    const std::uint64_t room = pages * place.pins * (place.depth + 1) * page;
    if (::fcntl(in_.get(), F_SETPIPE_SZ, static_cast<int>(room)) < 0)
      return errno_error("give a pipe room for iodepth x pins x bs (see fs.pipe-max-size)");
    auto nowhere = open_file("/dev/null", O_WRONLY);
    if (!nowhere) return nowhere.error();
    nowhere_ = std::move(*nowhere);
    return ok();
  }

  int step(LoadMeter& meter) noexcept override {
    if (pieces_ == place_.depth) {
      think(place_.hold_ns);
      if (const int error = let_go(meter); error != 0) return error;
      think(place_.think_ns);
    }
    if (place_.truce != nullptr && !place_.truce->begin_take()) return stand_back(meter);
    const iovec part{place_.memory + places_.next(), place_.block_size};
    std::uint64_t taken = 0;
    const std::int64_t begin = now_ns();
    for (unsigned i = 0; i < place_.pins; ++i) {
      const ssize_t got = ::vmsplice(in_.get(), &part, 1, 0);
      if (got > 0) taken += static_cast<std::uint64_t>(got);
      if (got != static_cast<ssize_t>(place_.block_size)) break;
    }
    const std::int64_t end = now_ns();
    if (place_.truce != nullptr) place_.truce->end_take();
    held_ += taken;
    ++pieces_;
    if (taken == place_.block_size * place_.pins)
      meter.add(0, end - begin, place_.block_size);
    else
      ++missed_;  // the page lies behind a file's end that a breaker has just moved
    return 0;
  }

  void rest() noexcept override {
    while (held_ > 0) {
      const ssize_t gone = ::splice(out_.get(), nullptr, nowhere_.get(), nullptr, held_, 0);
      if (gone <= 0) break;
      held_ -= std::min(held_, static_cast<std::uint64_t>(gone));
    }
    pieces_ = 0;
  }

  void finish() noexcept override {
    in_.reset();
    out_.reset();
    held_ = 0;
  }

  [[nodiscard]] std::vector<LoadNumber> numbers() const override {
    return {{"missed pins", static_cast<double>(missed_)}};
  }

 private:
  /// A break is on its way: it waits for nothing but what is held now.
  int stand_back(LoadMeter& meter) noexcept {
    if (held_ > 0) think(place_.hold_ns);
    const int error = let_go(meter);
    place_.truce->wait();
    return error;
  }

  /// Everything, piece by piece.
  int let_go(LoadMeter& meter) noexcept {
    while (held_ > 0)
      if (const int error = give_up(std::min(held_, place_.block_size * place_.pins), meter);
          error != 0)
        return error;
    pieces_ = 0;
    return 0;
  }

  int give_up(std::uint64_t bytes, LoadMeter& meter) noexcept {
    const std::int64_t begin = now_ns();
    const ssize_t gone = ::splice(out_.get(), nullptr, nowhere_.get(), nullptr, bytes, 0);
    const std::int64_t end = now_ns();
    if (gone < 0) return errno == EINTR ? 0 : errno;
    if (gone == 0) return EPIPE;
    held_ -= std::min(held_, static_cast<std::uint64_t>(gone));
    meter.add(1, end - begin, static_cast<std::uint64_t>(gone));
    return 0;
  }

  static constexpr std::array names{LoadSeries{.name = "pin", .direction = Direction::read},
                                    LoadSeries{.name = "release"}};

  LoadPlace place_;
  Places places_;
  Fd in_;
  Fd out_;
  Fd nowhere_;
  std::uint64_t held_ = 0;  ///< bytes
  unsigned pieces_ = 0;
  std::uint64_t missed_ = 0;
};

const StormPinRegistry::Add registered{{
    .name = "vmsplice",
    .help = "vmsplice(2) of iodepth pieces into a pipe, then splice(2) to /dev/null (FOLL_GET)",
    // FOLL_PIN would spin on them: 6.12, mm/gup.c, gup_must_unshare().
    .shared = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<VmsplicePinner>()); },
}};

}  // namespace
}  // namespace daxbreak
