// SPDX-License-Identifier: GPL-2.0
#include "gate/nbd_device.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <linux/nbd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/clock.h"
#include "base/file.h"

namespace daxbreak {
namespace {

constexpr unsigned long sector = 512;

}  // namespace

NbdDevice::NbdDevice(std::string path, Fd node, Fd socket)
    : path_(std::move(path)), node_(std::move(node)), socket_(std::move(socket)) {}

Result<std::unique_ptr<NbdDevice>> NbdDevice::connect(Fd socket, std::uint64_t bytes) {
  for (unsigned number = 0;; ++number) {
    const std::string name = fmt::format("nbd{}", number);
    if (::access(("/sys/block/" + name).c_str(), F_OK) != 0)
      return number == 0 ? Error{"nbd is not loaded: modprobe nbd", ENODEV}
                         : Error{"every nbd device is in use", EBUSY};
    // Since 4.x a connected one says who drives it.
    if (::access(("/sys/block/" + name + "/pid").c_str(), F_OK) == 0) continue;
    auto node = open_file("/dev/" + name, O_RDWR);
    if (!node) return node.error();
    std::unique_ptr<NbdDevice> made(
        new NbdDevice("/dev/" + name, *std::move(node), std::move(socket)));
    auto claimed = made->claim(bytes);
    if (!claimed && claimed.error().number == EBUSY) {
      socket = std::move(made->socket_);  // somebody else was quicker
      continue;
    }
    if (!claimed) return claimed.error();
    if (auto running = made->run(); !running) return running.error();
    return made;
  }
}

Result<void> NbdDevice::claim(std::uint64_t bytes) {
  if (::ioctl(node_.get(), NBD_SET_SOCK, socket_.get()) != 0)
    return errno_error("give " + path_ + " its socket");
  claimed_ = true;
  if (::ioctl(node_.get(), NBD_SET_BLKSIZE, sector) != 0 ||
      ::ioctl(node_.get(), NBD_SET_SIZE_BLOCKS, bytes / sector) != 0 ||
      ::ioctl(node_.get(), NBD_SET_FLAGS, NBD_FLAG_HAS_FLAGS) != 0)
    return errno_error("size " + path_);
  return ok();
}

Result<void> NbdDevice::run() {
  // Any signal would end NBD_DO_IT and with it the device; SIGKILL shall.
  sigset_t all{};
  sigset_t before{};
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  driver_ = std::jthread([node = node_.get()] { ::ioctl(node, NBD_DO_IT); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);

  const Deadline deadline(std::chrono::seconds(2));
  for (;;) {
    std::uint64_t size = 0;
    std::array<std::byte, sector> first{};
    if (::ioctl(node_.get(), BLKGETSIZE64, &size) == 0 && size != 0) {
      // The size is there before the connection is; and the first open reads the partition table,
      // which must not happen when the gate is shut.
      const auto again = open_file(path_, O_RDONLY);
      if (again && ::pread(again->get(), first.data(), first.size(), 0) == ssize_t{sector})
        return ok();
    }
    if (deadline.passed()) return Error{"connect " + path_ + " to its server", ETIMEDOUT};
    sleep_for(std::chrono::milliseconds(1));
  }
}

NbdDevice::~NbdDevice() {
  if (claimed_) {
    ::ioctl(node_.get(), NBD_DISCONNECT);
    if (driver_.joinable()) driver_.join();
    ::ioctl(node_.get(), NBD_CLEAR_SOCK);
  }
}

}  // namespace daxbreak
