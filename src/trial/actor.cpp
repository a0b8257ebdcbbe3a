// SPDX-License-Identifier: GPL-2.0
#include "trial/actor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <ctime>
#include <new>
#include <utility>

#include "base/file.h"

namespace daxbreak {

struct Actor::Shared {
  std::atomic<std::int64_t> begin_ns{0};
  std::atomic<std::int64_t> end_ns{0};
  std::atomic<std::int64_t> cpu_ns{0};
  std::atomic<int> error{0};
  std::atomic<int> arm_error{0};
};

namespace {

constexpr std::chrono::seconds arm_limit{5};

std::int64_t thread_cpu_ns() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return (used.tv_sec * 1'000'000'000) + used.tv_nsec;
}

void ignore_signal(int) {}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = ignore_signal;  // and no SA_RESTART: the wait must end
  sigaction(SIGUSR1, &action, nullptr);
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR2, &action, nullptr);
}

/// Holds the signals back while the actor is forked: one that came before the child has its
/// handler would kill it.
class SignalsHeldBack {
 public:
  SignalsHeldBack() {
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGUSR1);
    sigaddset(&ours, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &ours, &before_);
  }
  SignalsHeldBack(const SignalsHeldBack&) = delete;
  SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;
  ~SignalsHeldBack() { allow(); }

  void allow() const { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

/// One byte from the other side; false if it hung up, or did not say anything in time.
bool await_byte(int fd, std::optional<Nanos> limit) {
  const Deadline deadline(limit.value_or(Nanos{}));
  for (;;) {
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    const int polled = ::poll(&ready, 1, limit ? deadline.left_ms() : -1);
    if (polled < 0 && errno == EINTR) continue;
    if (polled <= 0) return false;
    char byte = 0;
    const ssize_t got = ::read(fd, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    return got == 1;
  }
}

}  // namespace

void Actor::act(const ActorWork& work, BreakTarget target, int orders) {
  Shared& shared = *shared_;
  if (work.arm) shared.arm_error = work.arm(target);
  if (!write_all(orders, "a") || shared.arm_error != 0) ::_exit(0);
  if (!await_byte(orders, std::nullopt)) ::_exit(0);
  const std::int64_t cpu_before = thread_cpu_ns();
  shared.begin_ns = now_ns();
  const int error = work.run(target);
  const std::int64_t end = now_ns();
  shared.cpu_ns = thread_cpu_ns() - cpu_before;
  shared.error = error;
  shared.end_ns = end;
  ::_exit(0);
}

Result<Actor> Actor::fork(const ActorWork& work, const BreakTarget& target) {
  Actor actor;
  actor.ends_process_ = work.ends_process;
  void* page =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return errno_error("map memory shared with an actor");
  actor.shared_ = new (page) Shared;
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return errno_error("make a channel to an actor");
  Fd orders(ends[0]);
  actor.channel_ = Fd(ends[1]);

  const SignalsHeldBack held_back;
  actor.pid_ = ::fork();
  if (actor.pid_ < 0) return errno_error("fork an actor");
  if (actor.pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    actor.channel_.reset();
    catch_signals();
    held_back.allow();
    actor.act(work, target, orders.get());
  }
  orders.reset();
  actor.pidfd_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, actor.pid_, 0)));
  if (!actor.pidfd_) return errno_error("pidfd_open an actor");
  if (!await_byte(actor.channel_.get(), arm_limit))
    return Error{"an actor did not get ready", ETIMEDOUT};
  if (const int failed = actor.shared_->arm_error; failed != 0)
    return Error{"get an actor ready", failed};
  return actor;
}

Actor::Actor(Actor&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      channel_(std::move(other.channel_)),
      shared_(std::exchange(other.shared_, nullptr)),
      ends_process_(other.ends_process_),
      ended_(other.ended_),
      signal_(other.signal_) {}

Actor::~Actor() {
  if (pid_ > 0 && !ended_) {
    kill();
    static_cast<void>(wait(std::chrono::milliseconds(200)));
  }
  if (shared_ != nullptr) ::munmap(shared_, sizeof(Shared));
}

Result<void> Actor::go() {
  return write_all(channel_.get(), "g");
}

bool Actor::wait(Nanos limit) {
  if (ended_) return true;
  const Deadline deadline(limit);
  pollfd ready{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  while (::poll(&ready, 1, deadline.left_ms()) < 0 && errno == EINTR) {
  }
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  ended_ = true;
  if (WIFSIGNALED(status)) signal_ = WTERMSIG(status);
  if (WIFEXITED(status) && ends_process_ && shared_->begin_ns != 0) shared_->end_ns = now_ns();
  return true;
}

void Actor::poke() const {
  ::kill(pid_, SIGUSR1);
}

void Actor::leave_cpu(int cpu) const {
  cpu_set_t cpus;
  if (::sched_getaffinity(pid_, sizeof(cpus), &cpus) != 0) return;
  CPU_CLR(cpu, &cpus);
  static_cast<void>(::sched_setaffinity(pid_, sizeof(cpus), &cpus));  // EINVAL: it was the only one
}

void Actor::kill() const {
  ::kill(pid_, SIGKILL);
}

ActorReport Actor::report() const {
  return {.begin_ns = shared_->begin_ns,
          .end_ns = shared_->end_ns,
          .error = shared_->error,
          .cpu_ns = shared_->cpu_ns,
          .signal = signal_};
}

std::optional<std::int64_t> Actor::cpu_ns() const {
  auto text = read_file(fmt::format("/proc/{}/schedstat", pid_));
  if (!text) return std::nullopt;
  std::int64_t used = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), used);
  if (parsed.ec != std::errc{}) return std::nullopt;
  return used;
}

}  // namespace daxbreak
