// SPDX-License-Identifier: GPL-2.0
#include "workloads/pin/stuffed_tcp.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/clock.h"

namespace daxbreak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int small_window = 16 * 1024;
constexpr int large_queue = 512 * 1024;
constexpr std::size_t ahead = 64UL * 1024;  // unsent bytes before those that are to stay unsent
constexpr auto limit = seconds(2);

Result<void> raise_loopback() {
  const Fd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!any) return errno_error("make a socket");
  ifreq loopback{};
  std::strcpy(loopback.ifr_name, "lo");
  if (::ioctl(any.get(), SIOCGIFFLAGS, &loopback) != 0)
    return errno_error("look at the loopback device");
  if ((loopback.ifr_flags & IFF_UP) != 0) return ok();
  loopback.ifr_flags = static_cast<short>(loopback.ifr_flags | IFF_UP);
  if (::ioctl(any.get(), SIOCSIFFLAGS, &loopback) != 0)
    return errno_error("bring up the loopback device");
  return ok();
}

/// Bytes in the sender's queue: all of them, and those never sent.
struct Queued {
  int all = 0;
  int unsent = 0;
};

Result<Queued> queued(int sender) {
  Queued now;
  if (::ioctl(sender, SIOCOUTQ, &now.all) != 0 || ::ioctl(sender, SIOCOUTQNSD, &now.unsent) != 0)
    return errno_error("ask what a socket has queued");
  return now;
}

}  // namespace

Result<StuffedTcp> StuffedTcp::make() {
  Result<StuffedTcp> made = Error{"make a TCP connection"};
  // Namespaces belong to threads, and sockets stay in the one that they were made in.
  std::thread([&made] {
    if (::unshare(CLONE_NEWNET) == 0) {
      if (auto up = raise_loopback(); !up) {
        made = up.error();
        return;
      }
    }
    made = connected();
  }).join();
  if (!made) return made;
  if (auto stuffed = made->stuff(); !stuffed) return stuffed.error();
  return made;
}

Result<StuffedTcp> StuffedTcp::connected() {
  StuffedTcp made;
  const Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  made.sender_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!listener || !made.sender_) return errno_error("make a TCP socket");
  const linger reset{.l_onoff = 1, .l_linger = 0};
  // The receiver inherits its listener's size of buffer.
  if (::setsockopt(listener.get(), SOL_SOCKET, SO_RCVBUF, &small_window, sizeof small_window) !=
          0 ||
      ::setsockopt(made.sender(), SOL_SOCKET, SO_SNDBUF, &large_queue, sizeof large_queue) != 0 ||
      ::setsockopt(made.sender(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset) != 0)
    return errno_error("set the sizes of a socket's buffers");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const place = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(listener.get(), place, size) != 0 || ::listen(listener.get(), 1) != 0 ||
      ::getsockname(listener.get(), place, &size) != 0)
    return errno_error("listen on a loopback address");
  if (::connect(made.sender(), place, size) != 0)
    return errno_error("connect to a loopback address");
  made.receiver_ = Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!made.receiver_) return errno_error("accept a connection");
  return made;
}

// Until nothing of what was sent waits to be acknowledged and something was not sent: there is no
// window left. And some more: the probes of a closed window may take a few bytes with them
// (net/ipv4/tcp_output.c, tcp_write_wakeup()).
Result<void> StuffedTcp::stuff() {
  const std::array<std::byte, 4096> filler{};
  const auto send_one = [&](int flags) -> Result<void> {
    const ssize_t sent =
        ::send(sender(), filler.data(), filler.size(), MSG_DONTWAIT | MSG_NOSIGNAL | flags);
    if (sent <= 0) return errno_error("fill a TCP connection");
    stuffing_ += static_cast<std::size_t>(sent);
    return ok();
  };
  for (const Deadline deadline(limit);;) {
    auto now = queued(sender());
    if (!now) return now.error();
    if (now->unsent > 0 && now->unsent == now->all) break;
    if (deadline.passed()) return Error{"fill a TCP connection", ETIMEDOUT};
    if (now->unsent > 0) {
      sleep_for(milliseconds(1));
    } else if (auto sent = send_one(0); !sent) {
      return sent;
    }
  }
  for (const std::size_t full = stuffing_ + ahead; stuffing_ < full;)
    if (auto sent = send_one(0); !sent) return sent;
  // The end of a record: what follows begins a buffer of its own. A page whose bytes fall into two
  // would be held twice.
  return send_one(MSG_EOR);
}

Result<std::vector<std::byte>> StuffedTcp::drain(std::size_t length) {
  std::vector<std::byte> bytes(stuffing_ + length);
  const Deadline deadline(limit);
  for (std::size_t got = 0; got < bytes.size();) {
    pollfd ready{.fd = receiver_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, deadline.left_ms()) == 0) return Error{"drain a connection", ETIMEDOUT};
    const ssize_t part = ::recv(receiver_.get(), bytes.data() + got, bytes.size() - got, 0);
    if (part < 0 && errno == EINTR) continue;
    if (part <= 0) return errno_error("drain a connection");
    got += static_cast<std::size_t>(part);
  }
  receiver_.reset();
  return std::vector<std::byte>(bytes.end() - static_cast<std::ptrdiff_t>(length), bytes.end());
}

}  // namespace daxbreak
