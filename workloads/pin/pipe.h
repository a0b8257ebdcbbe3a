// SPDX-License-Identifier: GPL-2.0
/// A pipe whose buffers hold pages: what the vmsplice pins share.
#pragma once

#include <cstddef>
#include <span>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// Both ends of a pipe with one buffer for each page of `room` bytes.
struct Pipe {
  Fd read_end;
  Fd write_end;

  [[nodiscard]] static Result<Pipe> make(std::size_t room);

  /// vmsplice(2): one buffer, and one reference, for each page.
  Result<void> hold(std::span<std::byte> memory);

  /// Reads all of it and so gives the pages up.
  Result<void> drain(std::span<std::byte> into);

  void close();
};

}  // namespace daxbreak
