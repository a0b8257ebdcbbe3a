// SPDX-License-Identifier: GPL-2.0
#include "lab/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

namespace daxbreak {
namespace {

constexpr std::array watched = {SIGINT, SIGTERM, SIGHUP};

// A signal handler has no other way to reach its pipe. Handlers rather than a blocked mask and
// signalfd(2), because exec(2) resets handlers but hands the mask on to every program we start.
std::atomic<int> wake_fd{-1};

extern "C" void on_signal(int signal) {
  const int saved = errno;
  const char byte = 's';
  const int fd = wake_fd.load(std::memory_order_relaxed);
  [[maybe_unused]] const ssize_t put = fd >= 0 ? ::write(fd, &byte, 1) : 0;
  ::signal(signal, SIG_DFL);  // the next one is not asked twice
  errno = saved;
}

}  // namespace

Result<Interrupt> Interrupt::watch() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make a pipe for signals");
  return Interrupt(Fd(ends[0]), Fd(ends[1]));
}

Interrupt::Interrupt(Fd read_end, Fd write_end) : write_end_(std::move(write_end)) {
  watcher_ = std::jthread([end = std::move(read_end), source = source_]() mutable {
    char byte = 0;
    ssize_t got = 0;
    while ((got = ::read(end.get(), &byte, 1)) < 0 && errno == EINTR) {
    }
    if (got == 1 && byte == 's') source.request_stop();
  });
  wake_fd.store(write_end_.get());
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (const int signal : watched)
    ::sigaction(signal, &action, nullptr);
}

Interrupt::~Interrupt() {
  if (!write_end_) return;  // moved from
  for (const int signal : watched)
    ::signal(signal, SIG_DFL);
  wake_fd.store(-1);
  write_end_.reset();  // the watcher reads end of file
}

}  // namespace daxbreak
