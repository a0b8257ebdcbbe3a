// SPDX-License-Identifier: GPL-2.0
// A process that is killed while its O_DIRECT read is in flight. It sleeps uninterruptibly, so the
// signal stays pending until the gate opens (which is before release(): therefore the kill happens
// in loosen()); the task then gives up the pages and dies without returning to user space.
// References as in odirect.cpp.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "workloads/pin/device_io.h"
#include "workloads/pin/holder_process.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

class KilledOdirectPin final : public Pin {
 public:
  Result<void> hold(const PinTarget& target) override {
    auto device = open_device(*target.gate);
    if (!device) return device.error();
    device_ = std::move(*device);
    length_ = target.memory.size();
    auto child =
        HolderProcess::start({device_.get()}, [this, fd = device_.get(), memory = target.memory] {
          started_ = true;
          const long moved = ::syscall(SYS_pread64, fd, memory.data(), memory.size(), 0L);
          if (moved < 0) return errno;
          return static_cast<std::size_t>(moved) == memory.size() ? 0 : EIO;
        });
    if (!child) return child.error();
    child_ = *std::move(child);
    return child_->await(started_, "read in a child");
  }

  /// Having submitted, the process sleeps uninterruptibly until its I/O has completed.
  [[nodiscard]] bool in_flight() const override { return child_->state() == 'D'; }

  Result<void> loosen() override {
    child_->kill();
    return ok();
  }

  Result<void> release() override {
    child_->kill();  // if nobody called loosen()
    auto status = child_->wait();
    if (!status) return status.error();
    // 0: a timed gate was faster than the kill.
    if (*status != 0 && *status != 128 + SIGKILL) return Error{"pread with O_DIRECT", *status};
    return ok();
  }

  Result<std::vector<std::byte>> received() override {
    return device_content(device_.get(), length_);
  }

 private:
  Fd device_;
  std::size_t length_ = 0;
  std::atomic<bool> started_{false};
  std::unique_ptr<HolderProcess> child_;
};

const PinRegistry::Add registered{{
    .name = "odirect-killed",
    .help = "pread(2) with O_DIRECT by a process that is killed meanwhile; ends when the gate lets "
            "the I/O complete, in the dying task",
    .needs_gate = true,
    .flavour = Flavour::odirect,
    .writes_page = true,
    .flow = PinFlow::to_page,
    .make = [] { return std::make_unique<KilledOdirectPin>(); },
    .recipe =
        {
            .includes = "#include <sched.h>\n",
            .functions = R"(static pid_t pin_child;
static char pin_stack[65536] __attribute__((aligned(16)));
static int pin_io(void *unused) { /* shares our memory: no second mapping of the file */
  int disk = open(device, O_RDONLY | O_DIRECT);
  (void)unused;
  close(fd);
  return disk < 0 || pread(disk, page, PAGE, 0) != PAGE;
}
)",
            .hold =
                R"(pin_child = clone(pin_io, pin_stack + sizeof pin_stack, CLONE_VM | SIGCHLD, NULL);
check(pin_child >= 0, "make a process that shares our memory");
)",
            .loosen = R"(check(kill(pin_child, SIGKILL) == 0, "kill the child");
)",
            .release = R"(check(waitpid(pin_child, NULL, 0) == pin_child, "wait for the child");
)",
        },
}};

}  // namespace
}  // namespace daxbreak
