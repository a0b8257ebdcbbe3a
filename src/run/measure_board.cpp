// SPDX-License-Identifier: GPL-2.0
#include "run/measure_board.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <new>
#include <utility>

namespace daxbreak {

struct MeasureBoard::Head {
  alignas(64) std::atomic<Phase> phase{Phase::prepare};
};

namespace {

// Apart, so that no thread's counting slows its neighbour down.
constexpr std::size_t line = 64;
constexpr std::size_t stride = (sizeof(ThreadBoard) + line - 1) / line * line;

/// futex(2) without FUTEX_PRIVATE_FLAG: the watchdog is another process.
void futex(const std::atomic<Phase>& word, int operation, std::uint32_t value,
           const timespec* limit) {
  static_assert(sizeof(std::atomic<Phase>) == sizeof(std::uint32_t));
  ::syscall(SYS_futex, &word, operation, value, limit, nullptr, 0);
}

}  // namespace

Result<MeasureBoard> MeasureBoard::make(std::size_t threads) {
  const std::size_t bytes = sizeof(Head) + (threads * stride);
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) return errno_error("have shared memory for the measurement");
  MeasureBoard board(memory, bytes, threads);
  new (memory) Head;
  for (std::size_t number = 0; number < threads; ++number)
    new (static_cast<std::byte*>(memory) + sizeof(Head) + (number * stride)) ThreadBoard;
  return board;
}

MeasureBoard::MeasureBoard(MeasureBoard&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      bytes_(other.bytes_),
      threads_(other.threads_) {}

MeasureBoard::~MeasureBoard() {
  if (memory_ != nullptr) ::munmap(memory_, bytes_);
}

MeasureBoard::Head& MeasureBoard::head() const {
  return *static_cast<Head*>(memory_);
}

ThreadBoard& MeasureBoard::thread(std::size_t number) const {
  void* const at = static_cast<std::byte*>(memory_) + sizeof(Head) + (number * stride);
  return *static_cast<ThreadBoard*>(at);
}

Phase MeasureBoard::phase() const {
  return head().phase.load();
}

const std::atomic<Phase>& MeasureBoard::phase_word() const {
  return head().phase;
}

void MeasureBoard::enter(Phase phase) const {
  head().phase.store(phase);
  futex(head().phase, FUTEX_WAKE, INT_MAX, nullptr);
}

void MeasureBoard::wait_while(Phase phase) const {
  const timespec limit{.tv_sec = 1, .tv_nsec = 0};
  while (head().phase.load() == phase)
    futex(head().phase, FUTEX_WAIT, static_cast<std::uint32_t>(phase), &limit);
}

std::size_t MeasureBoard::count(ThreadState state) const {
  std::size_t found = 0;
  for (std::size_t number = 0; number < threads_; ++number)
    if (thread(number).state.load() == state) ++found;
  return found;
}

}  // namespace daxbreak
