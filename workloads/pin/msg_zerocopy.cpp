// SPDX-License-Identifier: GPL-2.0
// send(2) with MSG_ZEROCOPY on TCP: the fragments of the socket's buffers hold the pages (FOLL_GET
// in every kernel to date: net/core/datagram.c, iov_iter_get_pages()) until what they carry is
// acknowledged. A loopback device copies what it delivers (skb_orphan_frags_rx()), so the pages are
// held by the sender's queue alone: they stay for as long as the receiver has no room. They are put
// by skb_release_data() when the acknowledgement comes in: in softirq, under the receiver's recv(2)
// or close(2). The notification is queued a moment before.
// linux/errqueue.h uses timespec without saying where it has it from.
// clang-format off
#include <ctime>
#include <linux/errqueue.h>
// clang-format on
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/clock.h"
#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"
#include "workloads/pin/stuffed_tcp.h"

namespace daxbreak {
namespace {

/// Waits for the notification that a socket needs its first zero-copy buffer no more.
Result<void> await_notification(int fd) {
  pollfd ready{.fd = fd, .events = 0, .revents = 0};  // POLLERR always counts
  if (::poll(&ready, 1, 2000) != 1 || (ready.revents & POLLERR) == 0)
    return Error{"wait for the notification of MSG_ZEROCOPY", ETIMEDOUT};
  alignas(cmsghdr) std::array<std::byte, 128> control{};
  msghdr message{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
    return errno_error("receive the notification of MSG_ZEROCOPY");
  const cmsghdr* const head = CMSG_FIRSTHDR(&message);
  sock_extended_err notice{};
  if (head == nullptr || head->cmsg_len < CMSG_LEN(sizeof notice))
    return Error{"receive the notification of MSG_ZEROCOPY: it is empty"};
  std::memcpy(&notice, CMSG_DATA(head), sizeof notice);
  if (notice.ee_origin != SO_EE_ORIGIN_ZEROCOPY)
    return Error{"receive the notification of MSG_ZEROCOPY: another error came",
                 static_cast<int>(notice.ee_errno)};
  return ok();
}

class MsgZerocopyPin final : public Pin {
 public:
  Result<void> hold(const PinTarget& target) override {
    auto connection = StuffedTcp::make();
    if (!connection) return connection.error();
    connection_.emplace(std::move(*connection));
    const int yes = 1;
    if (::setsockopt(connection_->sender(), SOL_SOCKET, SO_ZEROCOPY, &yes, sizeof yes) != 0)
      return errno_error("set SO_ZEROCOPY");
    length_ = target.memory.size();
    const ssize_t sent = ::send(connection_->sender(), target.memory.data(), length_,
                                MSG_ZEROCOPY | MSG_DONTWAIT | MSG_NOSIGNAL);
    return io_result("send with MSG_ZEROCOPY", sent < 0 ? -errno : sent, length_);
  }

  Result<void> release() override {
    auto bytes = connection_->drain(length_);
    if (!bytes) return bytes.error();
    bytes_ = std::move(*bytes);
    return await_notification(connection_->sender());
  }

  Result<std::vector<std::byte>> received() override { return bytes_; }

 private:
  std::optional<StuffedTcp> connection_;
  std::size_t length_ = 0;
  std::vector<std::byte> bytes_;
};

const PinRegistry::Add registered{{
    .name = "msg-zerocopy",
    .help = "TCP send(2) with MSG_ZEROCOPY (FOLL_GET) to a receiver without room; ends when that "
            "drains; last put in softirq, when the acknowledgement comes",
    .flavour = Flavour::get,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<MsgZerocopyPin>(); },
    .recipe = {.includes = R"(#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
)",
               .functions = R"(static int pin_sender, pin_receiver;
static size_t pin_sent;
)",
               .hold = R"(	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t size = sizeof(to);
	int room = 16384, queue = 1 << 19, on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
	char filler[4096] = "";

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	pin_sender = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	setsockopt(pin_sender, SOL_SOCKET, SO_SNDBUF, &queue, sizeof(queue));
	check(!setsockopt(pin_sender, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)), "SO_ZEROCOPY");
	check(!bind(listener, (void *)&to, sizeof(to)) && !listen(listener, 1), "listen");
	getsockname(listener, (void *)&to, &size);
	check(!connect(pin_sender, (void *)&to, size), "connect");
	pin_receiver = accept(listener, NULL, NULL);
	/* far more than the receiver has room for: what follows stays queued */
	while (pin_sent < 200000)
		pin_sent += send(pin_sender, filler, sizeof(filler), MSG_EOR);
	check(send(pin_sender, page, PAGE, MSG_ZEROCOPY) == PAGE, "send with MSG_ZEROCOPY");
	pin_sent += PAGE;
)",
               .release = R"(	struct pollfd done = { .fd = pin_sender };
	char taken[4096];
	ssize_t got;

	for (; pin_sent; pin_sent -= got)
		check((got = read(pin_receiver, taken, sizeof(taken))) > 0, "drain");
	close(pin_receiver);
	check(poll(&done, 1, 5000) == 1, "wait for the notification");
	close(pin_sender);
)"},
}};

}  // namespace
}  // namespace daxbreak
