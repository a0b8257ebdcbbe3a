// SPDX-License-Identifier: GPL-2.0
/// What the kernel did during a layout break, seen by BPF programs on the user-space clock.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "kernel/page.h"
#include "kernel/scheme.h"

namespace daxbreak {

/// Values are shared with observer.bpf.c.
enum class KernelEventKind : std::uint32_t {
  scan = 1,   ///< dax_layout_busy_page_range() returned in a followed task; page 0: nothing busy
  wait = 2,   ///< init_wait_var_entry() by a followed task: about to wait on `key`
  sleep = 3,  ///< a followed task that waits was scheduled out, not runnable
  run = 4,    ///< a followed task that waits was scheduled in again
  wake = 5,   ///< wake_up_var() on the key of a watched page, by any task or interrupt
  put = 6,    ///< the scheme's put hook entered for a watched page; `count` is before the put
  writeback = 7,  ///< an entry of the watched file was flushed: `key` is the index of its first
                  ///< page in the file, `refs` the number of its pages
  // A task "waits" from its wait until a scan of its own finds nothing busy. One that a signal took
  // out of the kernel counts as waiting until then too: judge sleeps by the system call's end.
};

/// One event of the kernel's side of a trial.
struct KernelEvent {
  std::int64_t t_ns = 0;  ///< CLOCK_MONOTONIC (bpf_ktime_get_ns)
  KernelEventKind kind = KernelEventKind::scan;
  std::uint32_t tid = 0;      ///< who ran: the followed task, or whoever put or woke
  std::uint64_t page = 0;     ///< kernel address of the struct page concerned; 0 if none
  std::uint64_t key = 0;      ///< wait and wake: the address waited on
  std::int32_t count = 0;     ///< page->_refcount at that moment, where page != 0
  std::int32_t mapcount = 0;  ///< page->_mapcount + 1 at that moment
  std::int32_t refs = 0;      ///< put: references about to be dropped
  bool interrupt = false;     ///< ran on an interrupt stack (wake and put): hard interrupt, or soft
                              ///< interrupt outside ksoftirqd
};

/// Probes on the scan, the wait queue, the scheduler and the scheme's put hooks. Root only.
/// Events reach user space through a ring buffer mapped once; it survives fork(), so the process
/// of a trial may drain what the runner opened.
///
/// Open it once per boot and keep it: attaching and detaching patch the kernel's text (sched_switch
/// in
/// __schedule() among it) and wait for RCU, a few hundred milliseconds under emulation; QEMU 7.2's
/// software emulation with two processors was seen once to run a stale int3 of such a patch, which
/// panics the guest ("Oops: int3" in __schedule).
class Observer {
 public:
  /// Loads and attaches. An Error names the probe that could not be had. Optional put hooks that
  /// this kernel lacks are left out and listed by missing().
  [[nodiscard]] static Result<Observer> open(const Scheme& scheme);
  Observer(Observer&&) noexcept;
  Observer& operator=(Observer&&) noexcept;
  ~Observer();

  /// From now on are reported: puts and wakes of these struct pages (kernel addresses) and of those
  /// that a scan finds busy; scans, waits, sleeps and runs of this task and of everybody who scans
  /// the file with this inode number; the flushes of that file. Throws older events away.
  Result<void> begin(std::span<const std::uint64_t> pages, std::uint32_t tid, std::uint64_t inode);

  /// Of puts and wakes, reports one in a millisecond at most, and none while no followed task
  /// waits: for a pin that comes and goes all the time. Off after begin(); to be off again before
  /// the events that a verdict rests on.
  void thin_out(bool on);

  /// Follows one more task (a second waiter).
  Result<void> follow(std::uint32_t tid);

  /// Stops reporting: forgets pages and tasks.
  Result<void> end();

  /// Appends what happened since the last drain, oldest first; not more than the ring holds.
  Result<void> drain(std::vector<KernelEvent>& into);

  /// Events lost because the ring was full since begin(). A trial with losses is inconclusive.
  [[nodiscard]] std::uint64_t lost() const;

  /// Puts and wakes that thin_out() kept from being reported since begin().
  [[nodiscard]] std::uint64_t left_out() const;

  /// Hooks of the scheme that this kernel does not let us probe.
  [[nodiscard]] const std::vector<std::string>& missing() const;

 private:
  struct State;
  explicit Observer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daxbreak
