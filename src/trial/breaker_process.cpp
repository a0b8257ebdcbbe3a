// SPDX-License-Identifier: GPL-2.0
#include "trial/breaker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <ctime>
#include <new>

#include "base/file.h"

namespace daxbreak {

struct BreakerProcess::Shared {
  std::atomic<std::int64_t> begin_ns{0};
  std::atomic<std::int64_t> end_ns{0};
  std::atomic<std::int64_t> cpu_ns{0};
  std::atomic<int> error{0};
};

namespace {

std::int64_t thread_cpu_ns() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return (used.tv_sec * 1'000'000'000) + used.tv_nsec;
}

void ignore_poke(int) {}

void catch_poke() {
  struct sigaction action {};
  action.sa_handler = ignore_poke;  // and no SA_RESTART: the wait must end
  sigaction(SIGUSR1, &action, nullptr);
}

/// Holds SIGUSR1 back while the breaker is forked: one that came before the child has its handler
/// would kill it.
class PokesHeldBack {
 public:
  PokesHeldBack() {
    sigset_t poke;
    sigemptyset(&poke);
    sigaddset(&poke, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &poke, &before_);
  }
  PokesHeldBack(const PokesHeldBack&) = delete;
  PokesHeldBack& operator=(const PokesHeldBack&) = delete;
  ~PokesHeldBack() { allow(); }

  void allow() const { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

Result<BreakerProcess> BreakerProcess::fork(const BreakerKind& kind, const BreakTarget& target) {
  BreakerProcess process;
  void* page =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return errno_error("map memory shared with the breaker");
  process.shared_ = new (page) Shared;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make a pipe to the breaker");
  const Fd wait_end(ends[0]);
  process.start_ = Fd(ends[1]);

  const PokesHeldBack held_back;
  process.pid_ = ::fork();
  if (process.pid_ < 0) return errno_error("fork the breaker");
  if (process.pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    process.start_.reset();
    catch_poke();
    held_back.allow();
    char start = 0;
    ssize_t got = 0;
    do {
      got = ::read(wait_end.get(), &start, 1);
    } while (got < 0 && errno == EINTR);  // poked before it began
    if (got != 1) ::_exit(0);
    Shared& shared = *process.shared_;
    const std::int64_t cpu_before = thread_cpu_ns();
    shared.begin_ns = now_ns();
    const int error = kind.run(target);
    const std::int64_t end = now_ns();
    shared.cpu_ns = thread_cpu_ns() - cpu_before;
    shared.error = error;
    shared.end_ns = end;
    ::_exit(0);
  }
  process.pidfd_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid_, 0)));
  if (!process.pidfd_) return errno_error("pidfd_open the breaker");
  return process;
}

BreakerProcess::BreakerProcess(BreakerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      start_(std::move(other.start_)),
      shared_(std::exchange(other.shared_, nullptr)),
      ended_(other.ended_),
      signal_(other.signal_) {}

BreakerProcess::~BreakerProcess() {
  if (pid_ > 0 && !ended_) {
    kill();
    static_cast<void>(wait(std::chrono::milliseconds(200)));
  }
  if (shared_ != nullptr) ::munmap(shared_, sizeof(Shared));
}

Result<void> BreakerProcess::go() {
  return write_all(start_.get(), "g");
}

bool BreakerProcess::wait(Nanos limit) {
  if (ended_) return true;
  const Deadline deadline(limit);
  pollfd ready{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  while (::poll(&ready, 1, deadline.left_ms()) < 0 && errno == EINTR) {
  }
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  ended_ = true;
  if (WIFSIGNALED(status)) signal_ = WTERMSIG(status);
  return true;
}

void BreakerProcess::poke() const {
  ::kill(pid_, SIGUSR1);
}

void BreakerProcess::kill() const {
  ::kill(pid_, SIGKILL);
}

BreakReport BreakerProcess::report() const {
  return {.begin_ns = shared_->begin_ns,
          .end_ns = shared_->end_ns,
          .error = shared_->error,
          .cpu_ns = shared_->cpu_ns,
          .signal = signal_};
}

std::optional<std::int64_t> BreakerProcess::cpu_ns() const {
  auto text = read_file(fmt::format("/proc/{}/schedstat", pid_));
  if (!text) return std::nullopt;
  std::int64_t used = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), used);
  if (parsed.ec != std::errc{}) return std::nullopt;
  return used;
}

}  // namespace daxbreak
