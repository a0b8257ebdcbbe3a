// SPDX-License-Identifier: GPL-2.0
/// What the threads of a measurement and its watchdog share: memory that outlives a process which
/// hangs or is killed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "result/statistics.h"
#include "workloads/storm/load.h"

namespace daxbreak {

/// What the threads are to do. Ordered.
enum class Phase : std::uint32_t {
  prepare,  ///< get ready and wait
  warm_up,  ///< run, nothing is counted
  measure,  ///< run and count
  calm,     ///< pinners pause; breakers come to the end of what they are at
  stop,     ///< everybody ends
};

/// Where a thread stands.
enum class ThreadState : std::uint32_t { preparing, ready, running, resting, done, failed };

/// A text of a fixed room.
template <std::size_t room>
struct ShortText {
  std::array<char, room> text{};
  void set(std::string_view from) {
    const std::size_t length = from.copy(text.data(), room - 1);
    text.at(length) = 0;
  }
  [[nodiscard]] std::string_view get() const { return text.data(); }
};

/// One kind of operation of one thread.
struct SeriesBoard {
  ShortText<32> name;
  Direction direction = Direction::none;
  std::uint64_t bytes = 0;
  Statistics latency;
};

/// One thread. Written by it alone; the watchdog reads.
struct ThreadBoard {
  static constexpr std::size_t most_series = 8;
  static constexpr std::size_t most_numbers = 8;

  std::atomic<ThreadState> state{ThreadState::preparing};
  std::atomic<std::int32_t> tid{0};
  std::atomic<std::uint64_t> steps{0};  ///< ended, whatever way
  std::atomic<std::uint64_t> calls{0};  ///< system calls that break, returned
  std::atomic<std::int32_t> last{0};    ///< errno of the last one
  std::atomic<std::int64_t> ended{0};   ///< when it had done its loops, by now_ns(); 0: it has not
  bool breaks = false;
  ShortText<24> kind;  ///< "vmsplice", "punch-hole", "pmem-store"
  ShortText<200> trouble;
  std::uint32_t series_count = 0;
  std::array<SeriesBoard, most_series> series;
  std::uint32_t number_count = 0;
  struct Number {
    ShortText<32> name;
    double value = 0;
  };
  std::array<Number, most_numbers> numbers;
};

/// Anonymous shared memory with a phase and the threads' boards.
class MeasureBoard {
 public:
  [[nodiscard]] static Result<MeasureBoard> make(std::size_t threads);
  MeasureBoard(MeasureBoard&& other) noexcept;
  MeasureBoard& operator=(MeasureBoard&&) = delete;
  ~MeasureBoard();

  [[nodiscard]] std::size_t size() const { return threads_; }
  [[nodiscard]] ThreadBoard& thread(std::size_t number) const;

  [[nodiscard]] Phase phase() const;
  /// The word itself, for those who look at it all the time.
  [[nodiscard]] const std::atomic<Phase>& phase_word() const;
  /// Changes it and wakes whoever waits.
  void enter(Phase phase) const;
  /// Until the phase is another one. For threads of any process that has the board.
  void wait_while(Phase phase) const;

  /// How many threads are in this state.
  [[nodiscard]] std::size_t count(ThreadState state) const;

 private:
  struct Head;
  MeasureBoard(void* memory, std::size_t bytes, std::size_t threads)
      : memory_(memory), bytes_(bytes), threads_(threads) {}
  [[nodiscard]] Head& head() const;

  void* memory_;
  std::size_t bytes_;
  std::size_t threads_;
};

}  // namespace daxbreak
