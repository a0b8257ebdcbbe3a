// SPDX-License-Identifier: GPL-2.0
/// Random numbers that cost a few instructions and allocate nothing.
#pragma once

#include <cstdint>

namespace daxbreak {

/// xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled",
/// ACM TOMS 42(4), 2016). The same seed gives the same numbers everywhere.
class Random {
 public:
  /// `stream` tells the threads of one seed apart.
  explicit Random(std::uint64_t seed = 1, std::uint64_t stream = 0)
      : state_((seed * 0x9e3779b97f4a7c15U) ^ ((stream + 1) * 0xbf58476d1ce4e5b9U)) {
    if (state_ == 0) state_ = 1;
    for (int i = 0; i < 8; ++i)
      static_cast<void>(next());
  }

  [[nodiscard]] std::uint64_t next() {
    state_ ^= state_ >> 12U;
    state_ ^= state_ << 25U;
    state_ ^= state_ >> 27U;
    return state_ * 0x2545f4914f6cdd1dU;
  }

  /// 0 to below `limit`; 0 if that is 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t limit) {
    return limit == 0 ? 0 : (next() >> 11U) % limit;
  }

 private:
  std::uint64_t state_;
};

}  // namespace daxbreak
