// SPDX-License-Identifier: GPL-2.0
#include "workloads/storm/ring.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace daxbreak {
namespace {

int enter(int fd, unsigned submitted, unsigned wanted) noexcept {
  // With GETEVENTS even where nothing is waited for: under DEFER_TASKRUN completions are posted
  // only to a task that asks for them.
  return static_cast<int>(
      ::syscall(SYS_io_uring_enter, fd, submitted, wanted, IORING_ENTER_GETEVENTS, nullptr, 0));
}

}  // namespace

Ring::~Ring() {
  if (ready_) io_uring_queue_exit(&ring_);
}

Result<void> Ring::start(unsigned depth) {
  // Disabled first: the single issuer is then whoever enables it (io_uring/register.c,
  // io_register_enable_rings()), and not the thread that prepares the load.
  constexpr unsigned always = IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE;
  constexpr std::array<unsigned, 3> choices{
      IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
      IORING_SETUP_COOP_TASKRUN, 0};
  int failed = 0;
  for (const unsigned flags : choices) {
    io_uring_params parameters{};
    parameters.flags = always | flags;
    parameters.cq_entries = depth;
    failed = io_uring_queue_init_params(depth, &ring_, &parameters);
    if (failed != -EINVAL) break;
  }
  if (failed < 0) return Error{"make an io_uring", -failed};
  ready_ = true;
  std::memset(ring_.sq.sqes, 0, depth * sizeof(io_uring_sqe));
  return ok();
}

int Ring::enable() noexcept {
  const auto done =
      ::syscall(SYS_io_uring_register, ring_.ring_fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
  enabled_ = done == 0;
  return enabled_ ? 0 : errno;
}

int Ring::submit(unsigned slot) noexcept {
  if (!enabled_)
    if (const int error = enable(); error != 0) return error;
  std::atomic_ref<unsigned> tail(*ring_.sq.ktail);
  const unsigned at = tail.load(std::memory_order_relaxed);
  ring_.sq.array[at & *ring_.sq.kring_mask] = slot;
  tail.store(at + 1, std::memory_order_release);
  for (;;) {
    const int sent = enter(ring_.ring_fd, 1, 0);
    if (sent == 1) return 0;
    if (sent == 0) return EIO;
    if (errno != EINTR && errno != EAGAIN) return errno;
  }
}

int Ring::reap(RingDone& done) noexcept {
  const unsigned at = *ring_.cq.khead;
  const std::atomic_ref<unsigned> tail(*ring_.cq.ktail);
  while (at == tail.load(std::memory_order_acquire))
    if (enter(ring_.ring_fd, 0, 1) < 0 && errno != EINTR && errno != EAGAIN) return errno;
  const io_uring_cqe& entry = ring_.cq.cqes[at & *ring_.cq.kring_mask];
  done = {.slot = static_cast<unsigned>(entry.user_data), .result = entry.res};
  std::atomic_ref<unsigned>(*ring_.cq.khead).store(at + 1, std::memory_order_release);
  return 0;
}

}  // namespace daxbreak
