// SPDX-License-Identifier: GPL-2.0
#include "workloads/breaker/io_uring_call.h"

#include <cerrno>
#include <csignal>
#include <memory>

namespace daxbreak {
namespace {

constexpr unsigned ring_entries = 4;
constexpr std::uint64_t request_id = 1;
constexpr std::uint64_t cancel_id = 2;

struct FreeProbe {
  void operator()(io_uring_probe* probe) const { io_uring_free_probe(probe); }
};

// Whether the signal that is to interrupt the call has come: a handler can tell it no other way.
volatile std::sig_atomic_t interrupted = 0;

/// io_uring_enter(2) comes back with EINTR after SIGSTOP and SIGCONT too, which are no reason to
/// end the call: only this signal is.
int notice_interrupting_signal() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  return ::sigaction(SIGUSR1, &action, nullptr) == 0 ? 0 : errno;
}

/// io_uring_enter(2) comes back with EINTR after any handler, SA_RESTART or not. What such a signal
/// asks for is that the call goes on, so it is kept out of the wait.
int hold_restarting_signal_back() {
  sigset_t restarting;
  sigemptyset(&restarting);
  sigaddset(&restarting, SIGUSR2);
  return ::pthread_sigmask(SIG_BLOCK, &restarting, nullptr);
}

}  // namespace

UringCall::~UringCall() {
  if (ready_) io_uring_queue_exit(&ring_);
}

int UringCall::arm(BreakTarget& target, int opcode) {
  auto made = std::make_shared<UringCall>();
  if (const int failed = io_uring_queue_init(ring_entries, &made->ring_, 0); failed < 0)
    return -failed;
  made->ready_ = true;
  const std::unique_ptr<io_uring_probe, FreeProbe> probe(io_uring_get_probe_ring(&made->ring_));
  if (!probe || io_uring_opcode_supported(probe.get(), opcode) == 0) return ENOSYS;
  target.state = made;
  if (const int failed = notice_interrupting_signal(); failed != 0) return failed;
  return hold_restarting_signal_back();
}

UringCall& UringCall::of(BreakTarget& target) {
  return **std::any_cast<std::shared_ptr<UringCall>>(&target.state);
}

int UringCall::submit(const io_uring_sqe& request, std::uint64_t id) {
  io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
  if (entry == nullptr) return EBUSY;
  *entry = request;
  entry->user_data = id;
  const int sent = io_uring_submit(&ring_);
  if (sent == 1) return 0;
  return sent < 0 ? -sent : EIO;
}

int UringCall::call(const io_uring_sqe& request) {
  if (const int failed = submit(request, request_id); failed != 0) return failed;
  bool cancelled = false;
  for (;;) {
    io_uring_cqe* done = nullptr;
    const int waited = io_uring_wait_cqe(&ring_, &done);
    if (waited == -EINTR) {
      if (interrupted == 0 || std::exchange(cancelled, true)) continue;
      io_uring_sqe cancel{};
      cancel.opcode = IORING_OP_ASYNC_CANCEL;
      cancel.fd = -1;
      cancel.addr = request_id;
      if (const int failed = submit(cancel, cancel_id); failed != 0) return failed;
      continue;
    }
    if (waited < 0) return -waited;
    const bool ours = done->user_data == request_id;
    const int result = done->res;
    io_uring_cqe_seen(&ring_, done);
    if (ours) return result < 0 ? -result : 0;
  }
}

}  // namespace daxbreak
