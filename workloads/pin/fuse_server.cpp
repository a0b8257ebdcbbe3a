// SPDX-License-Identifier: GPL-2.0
#include "workloads/pin/fuse_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/file.h"

namespace daxbreak {
namespace {

constexpr const char* file_name = "held";
constexpr std::uint64_t file_node = 2;
constexpr std::uint64_t file_size = 1U << 20U;
constexpr std::uint32_t longest_write = 64 * 1024;
constexpr std::uint64_t valid_seconds = 3600;  // so that the kernel does not ask twice

template <class T>
T read_as(std::span<const std::byte> bytes) {
  T value{};
  if (bytes.size() >= sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

fuse_attr attributes(std::uint64_t node) {
  fuse_attr attr{};
  attr.ino = node;
  attr.mode = node == file_node ? S_IFREG | 0600U : S_IFDIR | 0700U;
  attr.size = node == file_node ? file_size : 0;
  attr.nlink = 1;
  attr.uid = ::getuid();
  attr.gid = ::getgid();
  attr.blksize = 4096;
  return attr;
}

}  // namespace

Result<std::unique_ptr<FuseServer>> FuseServer::mount() {
  std::unique_ptr<FuseServer> made(new FuseServer);
  made->device_ = Fd(::open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!made->device_)
    return errno == ENOENT || errno == ENODEV ? Error{"FUSE (modprobe fuse)", ENOSYS}
                                              : errno_error("open /dev/fuse");
  made->stop_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!made->stop_) return errno_error("make an eventfd");
  const Fd context(::fsopen("fuse", FSOPEN_CLOEXEC));
  if (!context) return errno_error("begin to mount FUSE");
  const std::array<std::pair<const char*, std::string>, 5> options{
      {{"source", "daxbreak"},
       {"fd", std::to_string(made->device_.get())},
       {"rootmode", "40000"},
       {"user_id", std::to_string(::getuid())},
       {"group_id", std::to_string(::getgid())}}};
  for (const auto& [key, value] : options)
    if (::fsconfig(context.get(), FSCONFIG_SET_STRING, key, value.c_str(), 0) != 0)
      return errno_error(fmt::format("set {}={} of a FUSE mount", key, value));
  if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return errno_error("make a FUSE filesystem");
  made->mount_ = Fd(::fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
  if (!made->mount_) return errno_error("mount FUSE");
  return made;
}

Result<Fd> FuseServer::open_file() {
  resume();
  Fd file(::openat(mount_.get(), file_name, O_RDWR | O_CLOEXEC));
  Result<Fd> opened = file ? Result<Fd>(std::move(file)) : errno_error("open the file of FUSE");
  if (opened) {
    // The first write asks for security.capability; once that was answered with ENOSYS nobody asks
    // again (fs/fuse/xattr.c), and the next write's only request is the write.
    const std::byte nothing{};
    static_cast<void>(::pwrite(opened->get(), &nothing, 1, 0));
    // Likewise every close flushes until one flush was answered with ENOSYS (fs/fuse/file.c,
    // fuse_flush()): a child that inherits the descriptor must not hang in its exit.
    ::close(::dup(opened->get()));
  }
  pause();
  return opened;
}

void FuseServer::resume() {
  if (!device_ || thread_.joinable()) return;
  thread_ = std::jthread([this] { serve(); });
}

void FuseServer::pause() {
  if (!thread_.joinable()) return;
  std::uint64_t count = 1;
  static_cast<void>(::write(stop_.get(), &count, sizeof count));
  thread_.join();
  static_cast<void>(::read(stop_.get(), &count, sizeof count));
}

// The last close of the device ends its connection (fs/fuse/dev.c, fuse_dev_release()).
void FuseServer::abort() {
  pause();
  device_.reset();
}

bool FuseServer::request_waits() const {
  pollfd waiting{.fd = device_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, 0) == 1 && (waiting.revents & POLLIN) != 0;
}

void FuseServer::serve() {
  std::vector<std::byte> buffer(longest_write + 4096);  // FUSE_MIN_READ_BUFFER at least
  for (;;) {
    std::array<pollfd, 2> waits = {{{.fd = device_.get(), .events = POLLIN, .revents = 0},
                                    {.fd = stop_.get(), .events = POLLIN, .revents = 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0) continue;
    if (waits[1].revents != 0) return;
    const ssize_t got = ::read(device_.get(), buffer.data(), buffer.size());
    if (got > 0)
      handle(std::span<const std::byte>(buffer).first(static_cast<std::size_t>(got)));
    else if (errno == ENODEV)
      return;  // unmounted
  }
}

void FuseServer::handle(std::span<const std::byte> request) {
  const auto head = read_as<fuse_in_header>(request);
  const auto body = request.subspan(sizeof head);
  switch (head.opcode) {
    case FUSE_INIT: {
      fuse_init_out out{};
      out.major = FUSE_KERNEL_VERSION;
      out.minor = FUSE_KERNEL_MINOR_VERSION;
      out.max_write = longest_write;
      return reply(head.unique, 0, bytes_of(out));
    }
    case FUSE_LOOKUP: {
      fuse_entry_out out{};
      out.nodeid = file_node;
      out.entry_valid = out.attr_valid = valid_seconds;
      out.attr = attributes(file_node);
      return reply(head.unique, 0, bytes_of(out));
    }
    case FUSE_GETATTR: {
      fuse_attr_out out{};
      out.attr_valid = valid_seconds;
      out.attr = attributes(head.nodeid);
      return reply(head.unique, 0, bytes_of(out));
    }
    case FUSE_OPEN: {
      fuse_open_out out{};
      out.open_flags = FOPEN_DIRECT_IO;
      return reply(head.unique, 0, bytes_of(out));
    }
    case FUSE_READ:
      return reply(head.unique, EIO);
    case FUSE_WRITE: {
      const auto payload = body.subspan(sizeof(fuse_write_in));
      written_.assign(payload.begin(), payload.end());
      const fuse_write_out out{.size = static_cast<std::uint32_t>(payload.size()), .padding = 0};
      return reply(head.unique, 0, bytes_of(out));
    }
    case FUSE_RELEASE:
      return reply(head.unique, 0);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
      return;  // these want no answer
    default:
      return reply(head.unique, ENOSYS);
  }
}

void FuseServer::reply(std::uint64_t unique, int error, std::span<const std::byte> payload) const {
  fuse_out_header head{};
  head.len = static_cast<std::uint32_t>(sizeof head + payload.size());
  head.error = -error;
  head.unique = unique;
  const std::array<iovec, 2> parts = {
      {{&head, sizeof head}, {const_cast<std::byte*>(payload.data()), payload.size()}}};
  static_cast<void>(::writev(device_.get(), parts.data(), payload.empty() ? 1 : 2));
}

}  // namespace daxbreak
