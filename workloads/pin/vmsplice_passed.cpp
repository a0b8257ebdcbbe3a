// SPDX-License-Identifier: GPL-2.0
// A vmspliced page whose pipe lies in the queue of a UNIX socket: no process has a descriptor of
// it, and the one that pinned need not exist any more. References as in vmsplice.cpp.
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "workloads/pin/fd_passing.h"
#include "workloads/pin/holder_process.h"
#include "workloads/pin/pin.h"
#include "workloads/pin/pipe.h"

namespace daxbreak {
namespace {

enum class Pinner { ourselves, a_process_that_ends };

class PassedPin final : public Pin {
 public:
  explicit PassedPin(Pinner pinner) : pinner_(pinner) {}

  Result<void> hold(const PinTarget& target) override {
    bytes_.resize(target.memory.size());
    std::array<int, 2> sockets{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0)
      return errno_error("make a socket pair");
    sender_ = Fd(sockets[0]);
    receiver_ = Fd(sockets[1]);
    return pinner_ == Pinner::ourselves ? hold_and_pass(target.memory)
                                        : let_another_hold(target.memory);
  }

  Result<void> release() override {
    auto end = receive_fd(receiver_.get());
    if (!end) return end.error();
    Pipe pipe{.read_end = *std::move(end), .write_end = Fd()};
    return pipe.drain(bytes_);
  }

  Result<std::vector<std::byte>> received() override { return bytes_; }

 private:
  Result<void> hold_and_pass(std::span<std::byte> memory) {
    auto pipe = Pipe::make(memory.size());
    if (!pipe) return pipe.error();
    if (auto held = pipe->hold(memory); !held) return held;
    if (const int failed = send_fd(sender_.get(), pipe->read_end.get()); failed != 0)
      return Error{"pass the pipe on", failed};
    return ok();
  }

  Result<void> let_another_hold(std::span<std::byte> memory) {
    auto pinner = HolderProcess::start({sender_.get()}, [this, memory] {
      std::array<int, 2> ends{};
      const iovec part{memory.data(), memory.size()};
      if (::syscall(SYS_pipe2, ends.data(), 0) != 0) return errno;
      const long spliced = ::syscall(SYS_vmsplice, ends[1], &part, 1, 0);
      if (spliced < 0) return errno;
      if (static_cast<std::size_t>(spliced) != memory.size()) return EIO;
      return send_fd(sender_.get(), ends[0]);
    });
    if (!pinner) return pinner.error();
    auto status = (*pinner)->wait();
    if (!status) return status.error();
    if (*status != 0) return Error{"vmsplice in a process and pass the pipe on", *status};
    return ok();
  }

  Pinner pinner_;
  Fd sender_;
  Fd receiver_;
  std::vector<std::byte> bytes_;
};

const PinRegistry::Add registered_passed{{
    .name = "vmsplice-passed",
    .help = "vmsplice(2) into a pipe that then lies in a UNIX socket's queue (SCM_RIGHTS) and "
            "nowhere else (FOLL_GET); ends when it is received and drained",
    .flavour = Flavour::get,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<PassedPin>(Pinner::ourselves); },
    .recipe =
        {
            .includes = "#include <sys/socket.h>\n",
            .functions = R"(static int pin_socket[2];
static struct {
  char byte;
  struct iovec data;
  union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int))]; } control;
  struct msghdr header;
} pin_message;
static struct cmsghdr *pin_prepare(void) {
  pin_message.data = (struct iovec){&pin_message.byte, 1};
  pin_message.header = (struct msghdr){.msg_iov = &pin_message.data, .msg_iovlen = 1,
      .msg_control = &pin_message.control, .msg_controllen = sizeof pin_message.control};
  return CMSG_FIRSTHDR(&pin_message.header);
}
)",
            .hold = R"(int ends[2];
struct iovec part = {page, PAGE};
check(socketpair(AF_UNIX, SOCK_STREAM, 0, pin_socket) == 0, "make a socket pair");
check(pipe(ends) == 0, "make a pipe");
check(vmsplice(ends[1], &part, 1, 0) == PAGE, "vmsplice the page");
struct cmsghdr *head = pin_prepare();
head->cmsg_level = SOL_SOCKET;
head->cmsg_type = SCM_RIGHTS;
head->cmsg_len = CMSG_LEN(sizeof(int));
memcpy(CMSG_DATA(head), &ends[0], sizeof(int));
check(sendmsg(pin_socket[0], &pin_message.header, 0) == 1, "pass the pipe on");
close(ends[0]);
close(ends[1]);
)",
            .loosen = "",
            .release = R"(int end;
char bytes[PAGE];
struct cmsghdr *head = pin_prepare();
check(recvmsg(pin_socket[1], &pin_message.header, 0) == 1, "receive the pipe");
memcpy(&end, CMSG_DATA(head), sizeof(int));
check(read(end, bytes, PAGE) == PAGE, "drain the pipe");
close(end);
)",
        },
}};

const PinRegistry::Add registered_outlives{{
    .name = "vmsplice-outlives",
    .help = "vmsplice(2) by a process that passes its pipe on (SCM_RIGHTS) and ends (FOLL_GET): "
            "the hold outlives it; ends when the pipe is drained",
    .flavour = Flavour::get,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<PassedPin>(Pinner::a_process_that_ends); },
    .recipe =
        {
            .includes = "",
            .functions = "static int pin_pipe[2];\n",
            .hold = R"(int status;
struct iovec part = {page, PAGE};
check(pipe(pin_pipe) == 0, "make a pipe");
pid_t child = fork();
check(child >= 0, "fork");
if (child == 0) _exit(vmsplice(pin_pipe[1], &part, 1, 0) != PAGE);
check(waitpid(child, &status, 0) == child && status == 0, "vmsplice in a child");
)",
            .loosen = "",
            .release = R"(char bytes[PAGE];
check(read(pin_pipe[0], bytes, PAGE) == PAGE, "drain the pipe");
)",
        },
}};

}  // namespace
}  // namespace daxbreak
