// SPDX-License-Identifier: GPL-2.0
/// What the storms' breakers share: the file, ranges that may be broken, and faulting them again.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/file.h"
#include "workloads/storm/steps.h"
#include "workloads/storm/storm.h"
#include "workloads/storm/truce.h"

namespace daxbreak {

/// A breaker's first series is the break; its second the faults, one for each page.
inline constexpr std::array break_series{LoadSeries{.name = "break", .direction = Direction::trim},
                                         LoadSeries{.name = "fault"}};

/// The file of a breaker and its pieces of bs bytes behind LoadPlace::kept.
class Breakable {
 public:
  Result<void> open(const LoadPlace& place) {
    place_ = place;
    places_ = Places(place.kept, place.size, place.block_size, place, true);
    if (places_.count() == 0)
      return Error{
          "the file has no room for a breaker's bs beside what is kept; write a larger "
          "size= or a smaller bs=",
          0};
    auto file = open_file(place.path, O_RDWR);
    if (!file) return file.error();
    file_ = std::move(*file);
    return ok();
  }

  [[nodiscard]] const LoadPlace& place() const { return place_; }
  [[nodiscard]] int fd() const { return file_.get(); }
  [[nodiscard]] std::uint64_t next() noexcept { return places_.next(); }

  /// Around the system call that breaks.
  void begin() noexcept {
    if (place_.truce != nullptr) place_.truce->begin_break();
  }
  void end() noexcept {
    if (place_.truce != nullptr) place_.truce->end_break();
  }

  /// Faults the mapped pages of [begin, end) in again and marks them. In the kernel, by read(2)
  /// from the file of marks: where another breaker has just moved the file's end the answer is
  /// EFAULT instead of a SIGBUS.
  void refault(std::uint64_t begin, std::uint64_t end, LoadMeter& meter) noexcept {
    constexpr std::uint64_t mark = 64;
    if (place_.truce != nullptr) place_.truce->take();
    end = std::min(end, place_.mapped);
    for (std::uint64_t at = begin; at < end; at += place_.page_size) {
      const std::int64_t from = now_ns();
      const ssize_t got = ::pread(place_.marks, place_.memory + at, mark, static_cast<off_t>(at));
      const std::int64_t to = now_ns();
      if (got == static_cast<ssize_t>(mark))
        meter.add(1, to - from, place_.page_size);
      else
        ++missed_;
    }
    if (place_.truce != nullptr) place_.truce->end_take();
  }

  [[nodiscard]] double missed() const { return static_cast<double>(missed_); }

 private:
  LoadPlace place_;
  Places places_;
  Fd file_;
  std::uint64_t missed_ = 0;
};

}  // namespace daxbreak
