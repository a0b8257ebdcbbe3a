// SPDX-License-Identifier: GPL-2.0
// All processors move pages to the device and back in a loop, so that a page is handed out again
// while whoever gave it back is not done with it: ops->page_free() before set_page_count(page, 1)
// is the race that was seen in Williams' patch of 2022.
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "pmem/mapping.h"
#include "workloads/breaker/pipe_hold.h"
#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

constexpr std::size_t own_pages = 16;  ///< of each thread
constexpr std::size_t least_threads = 4;

std::size_t thread_count() {
  const long processors = ::sysconf(_SC_NPROCESSORS_ONLN);
  return std::max(least_threads, static_cast<std::size_t>(std::max(processors, 1L)) * 2);
}

/// One thread's turn: its own pages go and come back, one way or another.
void one_round(const PrivateMemory& mine, std::uint32_t round) {
  PrivateMemory now = mine;
  now.seed = mine.seed + round;
  static_cast<void>(give_to_device(now));  // pages that were not moved must be right all the same
  if (round % 4 == 3)
    ::madvise(now.pages.data(), now.pages.size(), MADV_DONTNEED);
  else
    bring_back(now);
  ++now.report->rounds;
}

/// Threads that storm, each with pages of its own.
int storm_apart(const PrivateMemory& memory) {
  const std::size_t threads = thread_count();
  const std::size_t each = own_pages * small_page;
  void* const region =
      ::mmap(nullptr, threads * each, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (region == MAP_FAILED) return errno;
  ::madvise(region, threads * each, MADV_NOHUGEPAGE);
  const Deadline end(memory.storm);
  {
    std::vector<std::jthread> all;
    for (std::size_t i = 0; i < threads; ++i)
      all.emplace_back([&, i] {
        PrivateMemory mine = memory;
        mine.pages = {static_cast<std::byte*>(region) + (i * each), each};
        mine.seed = static_cast<std::uint32_t>(i + 1) << 24U;
        for (std::uint32_t round = 0; !end.passed(); ++round)
          one_round(mine, round);
      });
  }
  ::munmap(region, threads * each);
  return 0;
}

int storm(BreakTarget& target) {
  return storm_apart(private_memory(target));
}

/// All threads want the same pages, which never change: whoever comes second to a page finds it
/// moving, or gone back to the driver. (Until 6.1 the fault handler did not hold the page
/// meanwhile: commit 16ce101db85d, "mm/memory.c: fix race when faulting a device private page".)
void storm_together(const PrivateMemory& memory, const Deadline& end) {
  std::vector<std::jthread> all;
  for (std::size_t i = 0; i < thread_count(); ++i)
    all.emplace_back([&] {
      std::vector<std::byte> copy(memory.pages.size());
      while (!end.passed()) {
        static_cast<void>(memory.mirror().to_device(memory.pages, copy));
        bring_back(memory);
        ++memory.report->rounds;
      }
    });
}  // the threads are joined on the way out

int storm_shared(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  storm_together(memory, Deadline(memory.storm));
  return 0;
}

/// While a pipe takes references to the same pages and gives them up, all the time: each migration
/// meets the reference before it looks, after it looked, or not at all (mm/gup.c, gup_pte_range()
/// against mm/migrate_device.c, migrate_vma_collect_pmd()). What the pipe has must be what was
/// stored, wherever the page was.
int storm_held(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  const Deadline end(memory.storm);
  std::atomic<int> bad{0};
  {
    const std::jthread holder([&] {
      std::vector<std::byte> copy(memory.pages.size());
      while (!end.passed() && bad == 0) {
        PipeHold hold;
        int failed = hold.take(memory.pages);
        if (failed == 0) failed = hold.drain(copy);
        if (failed == 0)
          compare_private(copy, memory.seed, *memory.report);
        else
          bad = failed;
      }
    });
    storm_together(memory, end);
  }
  return bad;
}

/// While a process opens and closes the driver, which from 6.1 on takes references to all pages.
int storm_closed(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  const Deadline end(memory.storm);
  const pid_t child = ::fork();
  if (child < 0) return errno;
  if (child == 0) {
    die_with_parent();
    while (!end.passed())
      if (!PrivateMirror::open(target.device)) ::_exit(1);
    ::_exit(0);
  }
  const int bad = storm_apart(memory);
  const int closer = outcome_of_child(child);
  return bad != 0 ? bad : closer;
}

const AddForBoth apart{
    {
        .name = "private-storm",
        .help = "device-private: threads on all processors move pages of their own there and back",
        .takes = Takes::no,
        .can_wedge = true,
        .run = storm,
    },
    "coherent-storm",
    "device-coherent: threads on all processors move pages of their own both ways"};

const AddForBoth shared{
    {
        .name = "private-storm-shared",
        .help = "device-private: threads on all processors move the same pages there and back",
        .takes = Takes::no,
        .can_wedge = true,
        .run = storm_shared,
    },
    "coherent-storm-shared",
    "device-coherent: threads on all processors move the same pages both ways"};

const AddForBoth held{
    {
        .name = "private-storm-held",
        .help = "device-private: a storm on pages that a pipe takes and gives up again and again",
        .takes = Takes::no,
        .can_wedge = true,
        .run = storm_held,
    },
    "coherent-storm-held",
    "device-coherent: a storm on pages that a pipe takes and gives up again and again"};

const AddForBoth closed{
    {
        .name = "private-storm-close",
        .help = "device-private: a storm while another process closes the device again and again",
        .takes = Takes::no,
        .can_wedge = true,
        .run = storm_closed,
    },
    "coherent-storm-close",
    "device-coherent: a storm while another process closes the device again and again"};

}  // namespace
}  // namespace daxbreak
