// SPDX-License-Identifier: GPL-2.0
// What one break costs when nobody holds a page: `mapped` bytes of the file are faulted in, and a
// range of bs bytes at the file's end is punched out or cut off. The kernel unmaps and looks at the
// pages that are mapped, of the range or of the whole file; only the break is timed.
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/file.h"
#include "pmem/mapping.h"
#include "workloads/storm/steps.h"

namespace daxbreak {
namespace {

template <bool cut>
class BreakCost final : public Load {
 public:
  [[nodiscard]] std::span<const LoadSeries> series() const override { return names; }

  Result<void> prepare(const LoadPlace& place) override {
    place_ = place;
    if (place_.mapped == 0) place_.mapped = place_.size;
    if (place_.block_size > place_.size)
      return Error{"bs is larger than the file; write a smaller bs= or a larger size=", 0};
    auto file = open_file(place.path, O_RDWR);
    if (!file) return file.error();
    file_ = std::move(*file);
    // The mapped part is the file's last: what is broken is mapped.
    first_ = place_.size - place_.mapped;
    auto mapping = FileMapping::map(file_.get(), place_.page_size);
    if (!mapping) return mapping.error();
    mapping_.emplace(std::move(*mapping));
    return fill();
  }

  int step(LoadMeter& meter) noexcept override {
    think(place_.think_ns);
    touch(meter);
    const std::uint64_t offset = place_.size - place_.block_size;
    const std::int64_t begin = now_ns();
    const int failed =
        cut ? ::ftruncate(file_.get(), static_cast<off_t>(offset))
            : ::fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                          static_cast<off_t>(offset), static_cast<off_t>(place_.block_size));
    const std::int64_t end = now_ns();
    const int error = failed != 0 ? errno : 0;
    meter.returned(error);
    if (error != 0) return error;
    meter.add(0, end - begin, place_.block_size);
    if (cut && ::ftruncate(file_.get(), static_cast<off_t>(place_.size)) != 0) return errno;
    // A read of a hole maps no page of the file: the next step needs blocks there.
    return fill() ? 0 : EIO;
  }

 private:
  /// Gives the broken range its blocks again.
  Result<void> fill() noexcept {
    constexpr std::uint64_t piece = 65536;
    static constexpr std::array<std::byte, piece> zeroes{};
    for (std::uint64_t at = place_.size - place_.block_size; at < place_.size;) {
      const std::uint64_t part = std::min(piece, place_.size - at);
      if (::pwrite(file_.get(), zeroes.data(), part, static_cast<off_t>(at)) !=
          static_cast<ssize_t>(part))
        return Error{"", errno};
      at += part;
    }
    return ok();
  }

  /// Faults every mapped page in. Nobody else moves the file's end: no SIGBUS.
  void touch(LoadMeter& meter) noexcept {
    const std::int64_t begin = now_ns();
    const volatile std::byte* const memory = mapping_->data();
    for (std::uint64_t at = first_; at < place_.size; at += place_.page_size)
      static_cast<void>(memory[at]);
    meter.add(1, now_ns() - begin, place_.mapped);
  }

  static constexpr std::array names{LoadSeries{.name = "break", .direction = Direction::trim},
                                    LoadSeries{.name = "fault all"}};

  LoadPlace place_;
  Fd file_;
  std::optional<FileMapping> mapping_;
  std::uint64_t first_ = 0;
};

const LoadRegistry::Add registered_cut{{
    .name = "break-truncate",
    .help =
        "mapped bytes are faulted in, then ftruncate(2) cuts the last bs off (the cut is timed)",
    .make = [] { return std::unique_ptr<Load>(std::make_unique<BreakCost<true>>()); },
}};

const LoadRegistry::Add registered_punch{{
    .name = "break-punch",
    .help = "mapped bytes are faulted in, then the last bs are punched out (the punch is timed)",
    .make = [] { return std::unique_ptr<Load>(std::make_unique<BreakCost<false>>()); },
}};

}  // namespace
}  // namespace daxbreak
