// SPDX-License-Identifier: GPL-2.0
/// A process that does a pin's system calls, so that the pin can outlive it or die with it.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace daxbreak {

/// A process made by clone(2) with CLONE_VM: it has descriptors and an end of its own but shares
/// our memory. So it adds no mapping of the file: none that a scheme would count, and none that
/// would hold the file itself or its i_mmap tree when ours is gone. It dies with us.
class HolderProcess {
 public:
  /// What the process does; the value is its exit status. It runs on a small stack and with our
  /// thread's local storage, so: system calls by syscall(2) alone (no cancellation points), no
  /// allocation, and the starting thread waits (await(), wait()) whenever the body runs.
  using Body = std::function<int()>;

  /// Starts the process with the descriptors `keeps` (same numbers) and no others.
  [[nodiscard]] static Result<std::unique_ptr<HolderProcess>> start(std::vector<int> keeps,
                                                                    Body body);
  HolderProcess(const HolderProcess&) = delete;
  HolderProcess& operator=(const HolderProcess&) = delete;
  /// Kills and reaps it, if that was not done.
  ~HolderProcess();

  /// Its state letter (proc(5)), or 0 if it is gone.
  [[nodiscard]] char state() const;

  /// Waits until the body has set `flag`. If the process ends before, its exit status is taken for
  /// an errno.
  Result<void> await(const std::atomic<bool>& flag, const char* doing);

  void kill();

  /// Waits for its end and reaps it: the exit status, or 128 + the signal that killed it.
  Result<int> wait();

 private:
  static constexpr std::size_t stack_size = 64UL << 10;
  using Range = std::pair<unsigned, unsigned>;

  HolderProcess(std::vector<int> keeps, Body body);
  static int run(void* self);

  std::vector<Range> closes_;  // descriptors, both ends included
  Body body_;
  std::unique_ptr<std::byte[]> stack_;
  pid_t pid_ = -1;  // -1: not started, or reaped
};

}  // namespace daxbreak
