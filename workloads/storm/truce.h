// SPDX-License-Identifier: GPL-2.0
/// Keeps pinners from faulting pages in while a break is on its way.
///
/// Where mappings count as references (map-counted, and zero of 6.15 and later) a page that is
/// touched again under its waiter never becomes idle by a put: storms of such traffic end in
/// `stuck` at once, and say nothing of what a break costs (6.15, fs/dax.c, dax_break_layout():
/// the waiter sleeps until the count is zero, and unmaps only before it sleeps). With a truce,
/// breakers wait for pins alone and every scheme can be measured by the same storm.
#pragma once

#include <sched.h>

#include <atomic>

namespace daxbreak {

/// Shared by the threads of one storm. Waits on it lie outside everything that is timed.
class Truce {
 public:
  /// Before a break: from here on nobody takes pages, once this returns.
  void begin_break() noexcept {
    breaking_.fetch_add(1);
    while (taking_.load() > 0)
      ::sched_yield();
  }
  void end_break() noexcept {
    if (breaking_.fetch_sub(1) == 1) breaking_.notify_all();
  }

  /// Before pages are touched: false if a break is on its way. What was true ends by end_take().
  [[nodiscard]] bool begin_take() noexcept {
    taking_.fetch_add(1);
    if (breaking_.load() == 0) return true;
    taking_.fetch_sub(1);
    return false;
  }
  /// The same for who holds nothing that a break could wait for: once no break is on its way.
  void take() noexcept {
    while (!begin_take())
      wait();
  }
  void end_take() noexcept { taking_.fetch_sub(1); }

  /// Until no break is on its way.
  void wait() const noexcept {
    for (unsigned now = breaking_.load(); now > 0; now = breaking_.load())
      breaking_.wait(now);
  }

 private:
  std::atomic<unsigned> breaking_{0};
  std::atomic<unsigned> taking_{0};
};

}  // namespace daxbreak
