// SPDX-License-Identifier: GPL-2.0
#include "workloads/pin/missing_memory.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace daxbreak {
namespace {

uffdio_range range_of(std::span<std::byte> memory) {
  return {.start = reinterpret_cast<std::uintptr_t>(memory.data()), .len = memory.size()};
}

}  // namespace

Result<MissingMemory> MissingMemory::make(std::size_t length) {
  MissingMemory made;
  // Non-blocking, or poll(2) on it answers POLLERR (fs/userfaultfd.c, userfaultfd_poll()).
  made.fault_fd_ = Fd(static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK)));
  if (!made.fault_fd_) return errno_error("make a userfaultfd (for faults of the kernel: as root)");
  uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
  if (::ioctl(made.fault_fd_.get(), UFFDIO_API, &api) != 0)
    return errno_error("agree with userfaultfd on its interface");
  void* const at =
      ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return errno_error("map memory for a userfaultfd");
  made.memory_ = {static_cast<std::byte*>(at), length};
  uffdio_register wish{
      .range = range_of(made.memory_), .mode = UFFDIO_REGISTER_MODE_MISSING, .ioctls = 0};
  if (::ioctl(made.fault_fd_.get(), UFFDIO_REGISTER, &wish) != 0)
    return errno_error("register memory with a userfaultfd");
  return made;
}

MissingMemory::MissingMemory(MissingMemory&& other) noexcept
    : fault_fd_(std::move(other.fault_fd_)), memory_(std::exchange(other.memory_, {})) {}

MissingMemory& MissingMemory::operator=(MissingMemory&& other) noexcept {
  std::swap(fault_fd_, other.fault_fd_);
  std::swap(memory_, other.memory_);
  return *this;
}

MissingMemory::~MissingMemory() {
  static_cast<void>(vanish());
}

bool MissingMemory::awaited() const {
  pollfd fault{.fd = fault_fd_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&fault, 1, 0) == 1 && (fault.revents & POLLIN) != 0;
}

Result<void> MissingMemory::fill() {
  uffdio_zeropage zeroes{.range = range_of(memory_), .mode = 0, .zeropage = 0};
  if (::ioctl(fault_fd_.get(), UFFDIO_ZEROPAGE, &zeroes) != 0)
    return errno_error("fill a userfaultfd's memory");
  return ok();
}

// munmap(2) wakes nobody; the fault is tried again once it is woken, and finds no mapping.
Result<void> MissingMemory::vanish() {
  if (memory_.empty()) return ok();
  uffdio_range range = range_of(std::exchange(memory_, {}));
  if (::munmap(reinterpret_cast<void*>(range.start), range.len) != 0)
    return errno_error("unmap a userfaultfd's memory");
  if (::ioctl(fault_fd_.get(), UFFDIO_WAKE, &range) != 0)
    return errno_error("wake who waits for a userfaultfd");
  return ok();
}

}  // namespace daxbreak
