// SPDX-License-Identifier: GPL-2.0
/// Which part of a file or a device a thread of a load works on, and in which order.
#pragma once

#include <fmt/format.h>

#include <cstdint>

#include "base/result.h"
#include "workloads/storm/load.h"
#include "workloads/storm/random.h"

namespace daxbreak {

/// A thread's own stretch: threads of a load never meet.
struct Share {
  std::uint64_t begin = 0;
  std::uint64_t size = 0;  ///< a multiple of `unit`
};

/// The share of the thread that `place` names, of `size` bytes, in whole units. An Error if there
/// is not one unit for each thread.
[[nodiscard]] inline Result<Share> share_of(const LoadPlace& place, std::uint64_t size,
                                            std::uint64_t unit) {
  if (unit == 0 || place.threads == 0 || place.thread >= place.threads)
    return Error{
        fmt::format("thread {} of {} with blocks of {} bytes", place.thread, place.threads, unit)};
  const std::uint64_t units = size / unit / place.threads;
  if (units == 0)
    return Error{fmt::format("{} bytes are too few for {} threads with blocks of {} bytes", size,
                             place.threads, unit)};
  return Share{.begin = place.thread * units * unit, .size = units * unit};
}

/// One offset after the other, in steps of a block: ascending and round again, or at random. A load
/// asks between two clock readings of its own, so this is a few instructions and no call.
class Offsets {
 public:
  Offsets() = default;
  Offsets(const Share& share, std::uint64_t block, const LoadPlace& place)
      : begin_(share.begin),
        end_(share.begin + share.size),
        block_(block),
        blocks_(share.size / block),
        next_(share.begin),
        numbers_(place.seed, place.thread),
        random_(place.random) {}

  [[nodiscard]] std::uint64_t next() noexcept {
    if (random_) {
      // 32 random bits scaled to the number of blocks: a multiplication where modulo divides.
      const std::uint64_t bits = numbers_.next() >> 32;
      return begin_ + ((bits * blocks_) >> 32) * block_;
    }
    const std::uint64_t at = next_;
    next_ = at + block_ < end_ ? at + block_ : begin_;
    return at;
  }

 private:
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t block_ = 0;
  std::uint64_t blocks_ = 0;
  std::uint64_t next_ = 0;
  Random numbers_;
  bool random_ = false;
};

}  // namespace daxbreak
