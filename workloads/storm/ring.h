// SPDX-License-Identifier: GPL-2.0
/// An io_uring for the timed path: one entry for each operation in flight, and the system calls of
/// fio's engine io_uring, neither more nor fewer.
#pragma once

#include <liburing.h>

#include <cstdint>

#include "base/result.h"

namespace daxbreak {

/// What a completion says.
struct RingDone {
  unsigned slot = 0;
  int result = 0;  ///< bytes, or a negative errno
};

/// A ring with `depth` slots. Set up as fio 3.33 does it (engines/io_uring.c,
/// fio_ioring_queue_init()): COOP_TASKRUN, SINGLE_ISSUER and DEFER_TASKRUN where the kernel knows
/// them, as they change what an I/O costs. Whoever submits first is the single issuer: only he may
/// use the ring from then on.
class Ring {
 public:
  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring();

  Result<void> start(unsigned depth);

  /// The entry of a slot, zeroed at first and as it was left later.
  [[nodiscard]] io_uring_sqe& entry(unsigned slot) noexcept { return ring_.sq.sqes[slot]; }

  /// Submits the entry of a slot: one system call. 0 or errno.
  [[nodiscard]] int submit(unsigned slot) noexcept;

  /// The next completion; a system call only if there is none yet. 0 or errno.
  [[nodiscard]] int reap(RingDone& done) noexcept;

 private:
  [[nodiscard]] int enable() noexcept;

  io_uring ring_{};
  bool ready_ = false;
  bool enabled_ = false;
};

}  // namespace daxbreak
