// SPDX-License-Identifier: GPL-2.0
#include "pmem/mount.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/fd.h"
#include "pmem/frames.h"

namespace daxbreak {
namespace {

// One umount2() in a child, which does nothing but that: fork() from a program with threads allows
// only async-signal-safe calls. The child's errno is its exit code (errno values are below 256).
Result<void> unmount_once(const std::filesystem::path& where, const Deadline& deadline) {
  const std::string doing = "unmount " + where.string();
  const char* path = where.c_str();
  const pid_t child = ::fork();
  if (child < 0) return errno_error(doing + ": fork");
  if (child == 0) ::_exit(::umount2(path, 0) == 0 ? 0 : errno);
  const Fd handle(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  if (!handle) return errno_error(doing + ": watch the child (pidfd_open)");
  pollfd ended{.fd = handle.get(), .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&ended, 1, deadline.left_ms());
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) {
    (void)::kill(child, SIGKILL);
    int ignored = 0;
    (void)::waitpid(child, &ignored, WNOHANG);
    return Error{
        doing + ": it hangs; process " + std::to_string(child) + " is left waiting in the kernel",
        ETIMEDOUT};
  }
  int status = 0;
  pid_t reaped = 0;
  do {
    reaped = ::waitpid(child, &status, 0);
  } while (reaped < 0 && errno == EINTR);
  if (reaped < 0) return errno_error(doing + ": wait for the child");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return ok();
  return Error{doing, WIFEXITED(status) ? WEXITSTATUS(status) : EINTR};
}

}  // namespace

Result<DaxDirectory> mount_dax(const std::string& device, const std::string& filesystem,
                               const std::filesystem::path& where) {
  auto disk = block_device(device);
  if (!disk) return disk.error();
  auto frames = block_device_frames(*disk);
  if (!frames) return frames.error();
  const std::string doing = "mount " + device + " on " + where.string() + " with -o dax=always";
  // 5.8 and later know dax=always; before, the word was "dax" and anything after it an error.
  if (::mount(device.c_str(), where.c_str(), filesystem.c_str(), 0, "dax=always") != 0) {
    if (errno != EINVAL) return errno_error(doing);
    if (::mount(device.c_str(), where.c_str(), filesystem.c_str(), 0, "dax") != 0)
      return errno_error(doing + " (the kernel log says why; a raw namespace has no DAX)");
  }
  auto proof = prove_dax(where);
  if (!proof) {
    (void)unmount(where);
    return proof.error();
  }
  return DaxDirectory{
      .path = where, .filesystem = filesystem, .device = "/dev/" + disk->name, .frames = *frames};
}

Result<void> unmount(const std::filesystem::path& where, Nanos limit) {
  const Deadline deadline(limit);
  for (;;) {
    auto done = unmount_once(where, deadline);
    // Half the time is for trying again, so that the last try has time to be more than begun.
    if (done || done.error().number != EBUSY || deadline.left() < limit / 2) return done;
    sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace daxbreak
