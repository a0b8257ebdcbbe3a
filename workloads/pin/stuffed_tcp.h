// SPDX-License-Identifier: GPL-2.0
/// A TCP connection within the machine whose receiver has no room left.
#pragma once

#include <cstddef>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// Two ends of a connection over a loopback device. What is sent stays in the sender's queue,
/// unsent, until drain(). Closing resets the connection, so that nothing stays queued behind.
class StuffedTcp {
 public:
  /// In a network namespace of its own where we may make one: neither the machine's addresses nor
  /// its firewall matter then, and its loopback device need not be up.
  [[nodiscard]] static Result<StuffedTcp> make();

  /// The sender's end; a blocking socket. There is room for a few pages.
  [[nodiscard]] int sender() const { return sender_.get(); }

  /// Receives everything and closes the receiver, which acknowledges it: so in this thread, in the
  /// softirq of the loopback device, the sender's queue is freed. Returns the last `length` bytes.
  [[nodiscard]] Result<std::vector<std::byte>> drain(std::size_t length);

 private:
  StuffedTcp() = default;
  static Result<StuffedTcp> connected();
  Result<void> stuff();

  Fd sender_;
  Fd receiver_;
  std::size_t stuffing_ = 0;
};

}  // namespace daxbreak
