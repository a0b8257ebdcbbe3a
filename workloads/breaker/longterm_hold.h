// SPDX-License-Identifier: GPL-2.0
/// Pages that an io_uring has as a registered buffer: FOLL_PIN with FOLL_LONGTERM.
#pragma once

#include <liburing.h>

#include <cstddef>
#include <span>

namespace daxbreak {

class LongtermHold {
 public:
  LongtermHold() = default;
  LongtermHold(const LongtermHold&) = delete;
  LongtermHold& operator=(const LongtermHold&) = delete;
  ~LongtermHold();

  /// 0, or errno. Once.
  [[nodiscard]] int take(std::span<std::byte> pages);

  /// Returns when the pages are given up: unregistering waits for that, the ring's end does not. 0,
  /// or errno.
  [[nodiscard]] int drop();

 private:
  io_uring ring_{};
  bool ready_ = false;
};

}  // namespace daxbreak
