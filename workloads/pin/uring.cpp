// SPDX-License-Identifier: GPL-2.0
#include "workloads/pin/uring.h"

#include <poll.h>

#include <cerrno>

#include "workloads/pin/device_io.h"
#include "workloads/pin/task_state.h"

namespace daxbreak {

Uring::~Uring() {
  if (!ready_) return;
  // The ring itself ends later, in a worker; the gate's device must be free before.
  if (has_file_) io_uring_unregister_files(&ring_);
  io_uring_queue_exit(&ring_);
}

Result<void> Uring::start(unsigned flags) {
  if (const int failed = io_uring_queue_init(size, &ring_, flags); failed < 0)
    return Error{"io_uring_queue_init", -failed};
  ready_ = true;
  return ok();
}

Result<void> Uring::register_file(int fd) {
  if (const int failed = io_uring_register_files(&ring_, &fd, 1); failed < 0)
    return Error{"io_uring_register_files", -failed};
  has_file_ = true;
  return ok();
}

Result<void> Uring::submit(unsigned count) {
  if (const int sent = io_uring_submit(&ring_); sent != static_cast<int>(count))
    return Error{"io_uring_submit", sent < 0 ? -sent : EIO};
  return ok();
}

bool Uring::issued() const {
  return io_uring_sq_ready(&ring_) == 0 && io_workers_idle();
}

// Not io_uring_wait_cqe_timeout(): before IORING_FEAT_EXT_ARG (5.11) it submits a request.
Result<std::int64_t> Uring::wait(std::uint64_t number) {
  const Deadline deadline(io_limit);
  for (;;) {
    io_uring_cqe* done = nullptr;
    while (io_uring_peek_cqe(&ring_, &done) == 0) {
      if (done->user_data < size) results_[done->user_data] = done->res;
      io_uring_cqe_seen(&ring_, done);
    }
    if (const auto& result = results_.at(number)) return *result;
    pollfd ready{.fd = ring_.ring_fd, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, deadline.left_ms()) == 0)
      return Error{"wait for an io_uring request", ETIMEDOUT};
  }
}

const std::string_view uring_recipe_functions = R"(static int pin_ring, pin_disk;
static char *pin_sq, *pin_cq;
static struct io_uring_sqe *pin_sqes;
static struct io_uring_params pin_params;
static unsigned pin_filled;
static void pin_start(unsigned flags) {
  const int prot = PROT_READ | PROT_WRITE, how = MAP_SHARED | MAP_POPULATE;
  pin_disk = open(device, O_RDWR | O_DIRECT);
  check(pin_disk >= 0, "open the device");
  pin_params.flags = flags;
  pin_ring = (int)syscall(SYS_io_uring_setup, 4, &pin_params);
  check(pin_ring >= 0, "io_uring_setup");
  pin_sq = mmap(NULL, PAGE, prot, how, pin_ring, IORING_OFF_SQ_RING);
  pin_cq = mmap(NULL, PAGE, prot, how, pin_ring, IORING_OFF_CQ_RING);
  pin_sqes = mmap(NULL, PAGE, prot, how, pin_ring, IORING_OFF_SQES);
  check(pin_sq != MAP_FAILED && pin_cq != MAP_FAILED && pin_sqes != MAP_FAILED, "map the ring");
}
static struct io_uring_sqe *pin_entry(int opcode, void *address, size_t length) {
  struct io_uring_sqe *entry = &pin_sqes[pin_filled];
  memset(entry, 0, sizeof *entry);
  entry->opcode = (uint8_t)opcode;
  entry->fd = pin_disk;
  entry->addr = (uintptr_t)address;
  entry->len = (uint32_t)length;
  entry->user_data = pin_filled;
  ((uint32_t *)(pin_sq + pin_params.sq_off.array))[pin_filled] = pin_filled;
  pin_filled++;
  return entry;
}
static void pin_submit(void) {
  uint32_t *tail = (uint32_t *)(pin_sq + pin_params.sq_off.tail);
  unsigned count = pin_filled - *tail;
  __atomic_store_n(tail, pin_filled, __ATOMIC_RELEASE);
  check(syscall(SYS_io_uring_enter, pin_ring, count, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0) ==
        (long)count, "io_uring_enter");
}
static int pin_wait(uint64_t number) {
  uint32_t *tail = (uint32_t *)(pin_cq + pin_params.cq_off.tail);
  struct io_uring_cqe *done = (struct io_uring_cqe *)(pin_cq + pin_params.cq_off.cqes);
  for (unsigned wanted = 1;; wanted++) {
    unsigned have = __atomic_load_n(tail, __ATOMIC_ACQUIRE);
    for (unsigned i = 0; i < have; i++)
      if (done[i].user_data == number) return done[i].res;
    check(syscall(SYS_io_uring_enter, pin_ring, 0, wanted, IORING_ENTER_GETEVENTS, NULL, 0) >= 0,
          "wait for completions");
  }
}
)";

}  // namespace daxbreak
