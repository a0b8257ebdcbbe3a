// SPDX-License-Identifier: GPL-2.0
// A vmspliced page whose pipe belongs to another process: one that inherited it and reads it in
// the end, or one that pinned for itself and is killed, so that the last reference is dropped in
// its exit (kernel/exit.c, do_exit(): exit_files(), then fput()'s task work). References as in
// vmsplice.cpp.
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <vector>

#include "workloads/pin/holder_process.h"
#include "workloads/pin/pin.h"
#include "workloads/pin/pipe.h"

namespace daxbreak {
namespace {

class ForkPin final : public Pin {
 public:
  Result<void> hold(const PinTarget& target) override {
    bytes_.resize(target.memory.size());
    auto pipe = Pipe::make(bytes_.size());
    if (!pipe) return pipe.error();
    pipe_ = *std::move(pipe);
    if (auto held = pipe_.hold(target.memory); !held) return held;
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make a pipe to the child");
    const Fd orders(ends[0]);
    order_ = Fd(ends[1]);
    auto child = HolderProcess::start(
        {orders.get(), pipe_.read_end.get(), pipe_.write_end.get()},
        [this, order = orders.get(), end = pipe_.read_end.get()] { return drain(order, end); });
    if (!child) return child.error();
    child_ = *std::move(child);
    return child_->await(ready_, "let a child inherit the pipe");
  }

  Result<void> loosen() override {
    pipe_.close();
    return ok();
  }

  Result<void> release() override {
    if (auto loosened = loosen(); !loosened) return loosened;
    if (::write(order_.get(), "!", 1) != 1) return errno_error("tell the child to drain the pipe");
    auto status = child_->wait();
    if (!status) return status.error();
    if (*status != 0) return Error{"drain the pipe in the child", *status};
    return ok();
  }

  Result<std::vector<std::byte>> received() override { return bytes_; }

 private:
  /// The child.
  int drain(int order, int end) {
    char byte = 0;
    ready_ = true;
    if (::syscall(SYS_read, order, &byte, 1) != 1) return ECANCELED;
    for (std::size_t got = 0; got < bytes_.size();) {
      const long part = ::syscall(SYS_read, end, bytes_.data() + got, bytes_.size() - got);
      if (part <= 0) return part < 0 ? errno : EPIPE;
      got += static_cast<std::size_t>(part);
    }
    return 0;
  }

  std::vector<std::byte> bytes_;
  Pipe pipe_;
  Fd order_;
  std::atomic<bool> ready_{false};
  std::unique_ptr<HolderProcess> child_;  // the first to go: it uses the others
};

class KilledPin final : public Pin {
 public:
  Result<void> hold(const PinTarget& target) override {
    auto child =
        HolderProcess::start({}, [this, memory = target.memory] { return hold_for_ever(memory); });
    if (!child) return child.error();
    child_ = *std::move(child);
    return child_->await(ready_, "vmsplice in a child");
  }

  Result<void> release() override {
    child_->kill();
    auto status = child_->wait();
    if (!status) return status.error();
    if (*status != 128 + SIGKILL) return Error{"the child ended before it was killed", *status};
    return ok();
  }

  Result<std::vector<std::byte>> received() override { return std::vector<std::byte>{}; }

 private:
  /// The child.
  int hold_for_ever(std::span<std::byte> memory) {
    std::array<int, 2> ends{};
    const iovec part{memory.data(), memory.size()};
    if (::syscall(SYS_pipe2, ends.data(), 0) != 0) return errno;
    const long spliced = ::syscall(SYS_vmsplice, ends[1], &part, 1, 0);
    if (spliced < 0) return errno;
    if (static_cast<std::size_t>(spliced) != memory.size()) return EIO;
    ready_ = true;
    for (;;)
      ::syscall(SYS_ppoll, nullptr, 0, nullptr, nullptr, 0);
  }

  std::atomic<bool> ready_{false};
  std::unique_ptr<HolderProcess> child_;
};

const PinRegistry::Add registered_fork{{
    .name = "vmsplice-fork",
    .help = "vmsplice(2) into a pipe that a child inherited (FOLL_GET); the parent closes its "
            "ends; ends when the child drains the pipe",
    .flavour = Flavour::get,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<ForkPin>(); },
    .recipe =
        {
            .includes = "",
            .functions = R"(static int pin_pipe[2], pin_order[2];
static pid_t pin_child;
)",
            .hold = R"(struct iovec part = {page, PAGE};
check(pipe(pin_pipe) == 0 && pipe(pin_order) == 0, "make pipes");
check(vmsplice(pin_pipe[1], &part, 1, 0) == PAGE, "vmsplice the page");
pin_child = fork();
check(pin_child >= 0, "fork");
if (pin_child == 0) {
  char bytes[PAGE];
  munmap(map, file_size);
  close(fd);
  close(pin_order[1]);
  if (read(pin_order[0], bytes, 1) != 1) _exit(1);
  _exit(read(pin_pipe[0], bytes, PAGE) != PAGE);
}
)",
            .loosen = R"(close(pin_pipe[0]);
close(pin_pipe[1]);
)",
            .release = R"(int status;
check(write(pin_order[1], "!", 1) == 1, "tell the child to drain the pipe");
check(waitpid(pin_child, &status, 0) == pin_child && status == 0, "drain the pipe in the child");
)",
        },
}};

const PinRegistry::Add registered_killed{{
    .name = "vmsplice-killed",
    .help = "vmsplice(2) by a process into its own pipe (FOLL_GET); ends when it is killed, in "
            "its exit",
    .flavour = Flavour::get,
    .flow = PinFlow::none,
    .make = [] { return std::make_unique<KilledPin>(); },
    .recipe =
        {
            .includes = "",
            .functions = "static pid_t pin_child;\n",
            .hold = R"(int ready[2];
char byte;
check(pipe(ready) == 0, "make a pipe");
pin_child = fork();
check(pin_child >= 0, "fork");
if (pin_child == 0) {
  int ends[2];
  struct iovec part = {page, PAGE};
  if (pipe(ends) != 0 || vmsplice(ends[1], &part, 1, 0) != PAGE) _exit(1);
  munmap(map, file_size);
  close(fd);
  if (write(ready[1], "!", 1) != 1) _exit(1);
  for (;;) pause();
}
close(ready[1]);
check(read(ready[0], &byte, 1) == 1, "vmsplice in a child");
close(ready[0]);
)",
            .loosen = "",
            .release = R"(check(kill(pin_child, SIGKILL) == 0, "kill the child");
check(waitpid(pin_child, NULL, 0) == pin_child, "wait for the child");
)",
        },
}};

}  // namespace
}  // namespace daxbreak
