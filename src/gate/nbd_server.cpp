// SPDX-License-Identifier: GPL-2.0
#include "gate/nbd_server.h"

#include <endian.h>
#include <linux/nbd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
#include <span>

namespace daxbreak {
namespace {

// Longer than anything that the kernel sends in one request (queue limits of drivers/block/nbd.c).
constexpr std::uint32_t longest_request = 64U << 20U;

bool receive(int fd, std::span<std::byte> bytes) {
  return bytes.empty() ||
         ::recv(fd, bytes.data(), bytes.size(), MSG_WAITALL) == static_cast<ssize_t>(bytes.size());
}

bool send_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

struct NbdServer::Request {
  nbd_request head{};
  std::vector<std::byte> payload;  // of a write
};

void NbdServer::Unmap::operator()(std::atomic<int>* shared) const {
  ::munmap(shared, sizeof *shared);
}

Result<std::unique_ptr<NbdServer>> NbdServer::start(std::size_t bytes) {
  std::unique_ptr<NbdServer> made(new NbdServer);
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return errno_error("make a pair of sockets for nbd");
  made->client_ = Fd(ends[0]);
  made->socket_ = Fd(ends[1]);
  made->wakeup_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!made->wakeup_) return errno_error("make an eventfd");
  void* const shared = ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return errno_error("map memory to share with trials");
  made->answers_.reset(new (shared) std::atomic<int>(static_cast<int>(Answers::at_once)));
  made->disk_.resize(bytes);
  // Signals are for the thread that knows what to do about them.
  sigset_t all{};
  sigset_t before{};
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  made->thread_ = std::jthread([server = made.get()] { server->serve(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return made;
}

NbdServer::~NbdServer() {
  if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
}

Result<void> NbdServer::answer(Answers how) {
  answers_->store(static_cast<int>(how));
  if (how == Answers::withheld) return ok();
  const std::uint64_t one = 1;
  if (::write(wakeup_.get(), &one, sizeof one) != static_cast<ssize_t>(sizeof one))
    return errno_error("wake the nbd server");
  return ok();
}

void NbdServer::serve() {
  for (bool connected = true; connected;) {
    std::array<pollfd, 2> waits = {{{.fd = socket_.get(), .events = POLLIN, .revents = 0},
                                    {.fd = wakeup_.get(), .events = POLLIN, .revents = 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0) continue;
    if (waits[1].revents != 0) connected = let_go();
    if (connected && waits[0].revents != 0) connected = take_request();
  }
  // The kernel learns that nobody answers any more.
  ::shutdown(socket_.get(), SHUT_RDWR);
}

bool NbdServer::take_request() {
  Request request;
  if (!receive(socket_.get(), std::as_writable_bytes(std::span(&request.head, 1)))) return false;
  const std::uint32_t type = be32toh(request.head.type) & 0xffffU;
  const std::uint32_t length = be32toh(request.head.len);
  if (be32toh(request.head.magic) != NBD_REQUEST_MAGIC || type == NBD_CMD_DISC) return false;
  if (type == NBD_CMD_WRITE) {
    if (length > longest_request) return false;
    request.payload.resize(length);
    if (!receive(socket_.get(), request.payload)) return false;
  }
  if (answers() != Answers::withheld) return reply(request, answers());
  withheld_.push_back(std::move(request));
  return true;
}

bool NbdServer::let_go() {
  std::uint64_t count = 0;
  static_cast<void>(::read(wakeup_.get(), &count, sizeof count));
  if (answers() == Answers::withheld) return true;
  for (; !withheld_.empty(); withheld_.pop_back())
    if (!reply(withheld_.back(), answers())) return false;
  return true;
}

bool NbdServer::reply(const Request& request, Answers how) {
  const std::uint32_t type = be32toh(request.head.type) & 0xffffU;
  const std::uint64_t from = be64toh(request.head.from);
  const std::uint64_t length = be32toh(request.head.len);
  const bool inside = from <= disk_.size() && length <= disk_.size() - from;
  const bool known = type == NBD_CMD_READ || type == NBD_CMD_WRITE;
  const bool good = inside && known && how != Answers::as_errors;

  nbd_reply head{};
  head.magic = htobe32(NBD_REPLY_MAGIC);
  head.error = htobe32(good ? 0 : EIO);
  std::memcpy(head.handle, request.head.handle, sizeof head.handle);
  if (good && type == NBD_CMD_WRITE)
    std::copy(request.payload.begin(), request.payload.end(),
              disk_.begin() + static_cast<std::ptrdiff_t>(from));
  if (!send_all(socket_.get(), std::as_bytes(std::span(&head, 1)))) return false;
  if (!good || type != NBD_CMD_READ) return true;
  return send_all(socket_.get(), std::span<const std::byte>(disk_).subspan(from, length));
}

}  // namespace daxbreak
