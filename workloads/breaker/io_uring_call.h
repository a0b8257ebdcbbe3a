// SPDX-License-Identifier: GPL-2.0
/// One request through an io_uring ring of its own, for breakers that io_uring carries out. The
/// request sleeps in an io-wq worker and its submitter in io_uring_enter(2).
#pragma once

#include <liburing.h>

#include <cstdint>
#include <string_view>

#include "workloads/breaker/breaker.h"

namespace daxbreak {

class UringCall {
 public:
  UringCall() = default;
  UringCall(const UringCall&) = delete;
  UringCall& operator=(const UringCall&) = delete;
  ~UringCall();

  /// Makes the ring and leaves it in target.state. ENOSYS if the kernel does not know `opcode`.
  [[nodiscard]] static int arm(BreakTarget& target, int opcode);

  /// The ring that arm() left.
  [[nodiscard]] static UringCall& of(BreakTarget& target);

  /// Submits and waits for the completion. A signal that interrupts the wait has the request
  /// cancelled, once. 0, or what the completion says, negated and not translated: an errno that is
  /// the kernel's own affair (512, ERESTARTSYS) is shown as it is.
  [[nodiscard]] int call(const io_uring_sqe& request);

 private:
  [[nodiscard]] int submit(const io_uring_sqe& request, std::uint64_t id);

  io_uring ring_{};
  bool ready_ = false;
};

/// The same in C, for recipes: break_ring(OPCODE) makes the ring, break_submit(OPCODE, LEN, OFF,
/// ADDR) is the call. The kernel's own header and three system calls: no library is needed.
inline constexpr std::string_view uring_recipe_includes = "#include <linux/io_uring.h>\n";
inline constexpr std::string_view uring_recipe_functions = R"c(
static int break_uring;
static struct io_uring_params break_params;
static char *break_sq, *break_cq;
static struct io_uring_sqe *break_sqes;
#define BREAK_AT(ring, where) ((unsigned *)((ring) + break_params.where))
static void *break_map(size_t size, off_t what) {
  return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, break_uring, what);
}
static void break_ring(int opcode) {
  static struct { struct io_uring_probe head; struct io_uring_probe_op ops[256]; } known;
  break_uring = (int)syscall(__NR_io_uring_setup, 4, &break_params);
  check(break_uring >= 0, "io_uring_setup");
  check(syscall(__NR_io_uring_register, break_uring, IORING_REGISTER_PROBE, &known, 256) == 0,
        "IORING_REGISTER_PROBE");
  errno = ENOSYS;
  check(opcode <= known.head.last_op, "find the operation in this kernel");
  break_sq = break_map(break_params.sq_off.array + break_params.sq_entries * sizeof(unsigned),
                       IORING_OFF_SQ_RING);
  break_cq = break_map(break_params.cq_off.cqes +
                       break_params.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
  break_sqes = break_map(break_params.sq_entries * sizeof *break_sqes, IORING_OFF_SQES);
  check(break_sq != MAP_FAILED && break_cq != MAP_FAILED && (void *)break_sqes != MAP_FAILED,
        "map the ring");
}
static int break_put(struct io_uring_sqe entry) {
  unsigned tail = *BREAK_AT(break_sq, sq_off.tail);
  unsigned slot = tail & *BREAK_AT(break_sq, sq_off.ring_mask);
  break_sqes[slot] = entry;
  BREAK_AT(break_sq, sq_off.array)[slot] = slot;
  __atomic_store_n(BREAK_AT(break_sq, sq_off.tail), tail + 1, __ATOMIC_RELEASE);
  return (int)syscall(__NR_io_uring_enter, break_uring, 1, 0, 0, NULL, 0);
}
static int break_submit(int opcode, unsigned len, uint64_t off, uint64_t addr) {
  struct io_uring_sqe entry = {0}, cancel = {0};
  int cancelled = 0;
  entry.opcode = (uint8_t)opcode, entry.fd = fd, entry.user_data = 1;
  entry.len = len, entry.off = off, entry.addr = addr;
  cancel.opcode = IORING_OP_ASYNC_CANCEL, cancel.fd = -1, cancel.addr = 1, cancel.user_data = 2;
  if (break_put(entry) < 0) return -1;
  for (;;) {
    unsigned head = *BREAK_AT(break_cq, cq_off.head);
    if (head != __atomic_load_n(BREAK_AT(break_cq, cq_off.tail), __ATOMIC_ACQUIRE)) {
      struct io_uring_cqe *cqes = (struct io_uring_cqe *)(break_cq + break_params.cq_off.cqes);
      struct io_uring_cqe done = cqes[head & *BREAK_AT(break_cq, cq_off.ring_mask)];
      __atomic_store_n(BREAK_AT(break_cq, cq_off.head), head + 1, __ATOMIC_RELEASE);
      if (done.user_data != 1) continue;
      if (done.res >= 0) return done.res;
      errno = -done.res;
      return -1;
    }
    if (syscall(__NR_io_uring_enter, break_uring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) {
      if (errno != EINTR) return -1;
      if (!cancelled++ && break_put(cancel) < 0) return -1;
    }
  }
}
)c";

}  // namespace daxbreak
