// SPDX-License-Identifier: GPL-2.0
/// A pin that holds its page for moments, again and again.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <span>
#include <thread>

#include "workloads/pin/pin.h"

namespace daxbreak {

/// Makes a system call that looks up and holds a page, in two threads, until release(). What the
/// call returns does not matter after its first time: a page or a mapping that is gone is answered
/// with EFAULT or EIO, never with a signal.
class TrafficPin : public Pin {
 public:
  ~TrafficPin() override { stop(); }

  Result<void> hold(const PinTarget& target) override;
  Result<void> release() override;
  Result<std::vector<std::byte>> received() override { return std::vector<std::byte>{}; }

 protected:
  /// Before the first round, in the caller.
  virtual Result<void> prepare(std::span<std::byte> memory) = 0;
  /// One round: 0, or errno. In several threads at once.
  virtual int round() = 0;
  /// To be called by the destructor of a class whose round() needs what that class owns.
  void stop();

 private:
  std::atomic<std::size_t> rounds_{0};
  std::atomic<bool> stop_{false};
  std::array<std::jthread, 2> workers_;
};

}  // namespace daxbreak
