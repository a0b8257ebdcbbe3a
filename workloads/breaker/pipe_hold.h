// SPDX-License-Identifier: GPL-2.0
/// Pages that a pipe holds: vmsplice(2), FOLL_GET, for as long as it is not drained.
#pragma once

#include <cstddef>
#include <span>

#include "base/fd.h"

namespace daxbreak {

/// One pipe. It gives the pages up when they have been drained, or when it goes away.
class PipeHold {
 public:
  /// 0, or errno; EAGAIN if the pipe did not take them all.
  [[nodiscard]] int take(std::span<std::byte> pages);

  /// Reads all that it holds, which is as long as `into`. 0, or errno.
  [[nodiscard]] int drain(std::span<std::byte> into);

 private:
  Fd out_;
  Fd in_;
};

}  // namespace daxbreak
