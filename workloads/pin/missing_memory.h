// SPDX-License-Identifier: GPL-2.0
/// Memory that is not there until somebody says so: whoever touches it sleeps in its page fault.
#pragma once

#include <cstddef>
#include <span>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// Anonymous memory behind a userfaultfd (missing pages). Touching it, by the kernel on behalf of a
/// system call too, sleeps in fs/userfaultfd.c, handle_userfault(), until fill() or vanish().
class MissingMemory {
 public:
  /// ENOSYS where the kernel has no userfaultfd. Faults of the kernel need CAP_SYS_PTRACE.
  [[nodiscard]] static Result<MissingMemory> make(std::size_t length);
  MissingMemory(MissingMemory&& other) noexcept;
  MissingMemory& operator=(MissingMemory&& other) noexcept;
  MissingMemory(const MissingMemory&) = delete;
  MissingMemory& operator=(const MissingMemory&) = delete;
  ~MissingMemory();

  [[nodiscard]] std::span<std::byte> memory() const { return memory_; }

  /// Whether somebody sleeps in a fault on it.
  [[nodiscard]] bool awaited() const;

  /// Puts zero pages there: who sleeps goes on and finds them.
  Result<void> fill();

  /// Unmaps it: who sleeps goes on and gets EFAULT (a signal, if it is not the kernel).
  Result<void> vanish();

 private:
  MissingMemory() = default;

  Fd fault_fd_;
  std::span<std::byte> memory_;
};

}  // namespace daxbreak
