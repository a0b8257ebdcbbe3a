// SPDX-License-Identifier: GPL-2.0
// A core dump into a pipe that nobody reads. fs/coredump.c, dump_user_range() holds one page after
// the other by get_dump_page() (FOLL_GET) while it writes a copy of it, and the write sleeps when
// the pipe is full. A child maps the page many times, side by side and below everything else, and
// has its DAX mappings dumped alone: so whichever page the pipe is full at, it is this one. The
// child's mappings count too where mappings do. When the pipe's reader goes, the write fails with
// EPIPE and the child puts the page.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <filesystem>

#include "base/clock.h"
#include "base/command.h"
#include "base/file.h"
#include "base/proc.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* pattern_file = "/proc/sys/kernel/core_pattern";
constexpr std::size_t page_bytes = 4096;
constexpr std::size_t copies = 24;  // more than the 16 buffers of a pipe
constexpr std::uintptr_t low_address = 0x20000000;

/// Maps the page again and again, in address order, and dumps core. Status: the step that failed.
[[noreturn]] void dump_core(std::byte* page) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_DUMPABLE, 1);
  for (std::size_t copy = 0; copy < copies; ++copy) {
    // An old size of 0 maps what a shared mapping maps once more (mremap(2)).
    void* const place = reinterpret_cast<void*>(low_address + copy * page_bytes);
    if (::mremap(page, 0, page_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, place) != place) ::_exit(1);
  }
  // Bits 7 and 8: private and shared DAX mappings (core(5)).
  const Fd filter(::open("/proc/self/coredump_filter", O_WRONLY));
  if (::write(filter.get(), "0x180", 5) != 5) ::_exit(2);
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_CORE, &unlimited);
  sigset_t none{};
  ::sigemptyset(&none);
  ::signal(SIGQUIT, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::kill(::getpid(), SIGQUIT);
  ::_exit(3);
}

/// Cores go to a program that does not read them, until told to end.
class UnreadCores {
 public:
  UnreadCores() = default;
  UnreadCores(const UnreadCores&) = delete;
  UnreadCores& operator=(const UnreadCores&) = delete;
  ~UnreadCores() {
    end();
    if (!before_.empty()) static_cast<void>(write_file(pattern_file, before_));
    if (!fifo_.empty()) ::unlink(fifo_.c_str());
  }

  /// The program is cat(1), and opens a FIFO that nobody writes to.
  Result<void> set_up() {
    const std::string cat = find_program("cat");
    if (cat.empty()) return Error{"find the program cat"};
    std::error_code failed;
    const fs::path folder = fs::temp_directory_path(failed);
    fifo_ = ((failed ? fs::path("/") : folder) / ("daxbreak-core-" + std::to_string(::getpid())));
    if (::mkfifo(fifo_.c_str(), 0600) != 0) return errno_error("make a FIFO");
    auto before = read_line(pattern_file);
    if (!before) return before.error();
    if (auto set = write_file(pattern_file, "|" + cat + " " + fifo_); !set) return set;
    before_ = *before;
    return ok();
  }

  /// Lets the program find the end of its FIFO. True if there was one.
  bool end() {
    return !fifo_.empty() && Fd(::open(fifo_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  }

 private:
  std::string before_;  // pattern, to be restored
  std::string fifo_;
};

class CoreDumpPin final : public Pin {
 public:
  ~CoreDumpPin() override {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    static_cast<void>(ended_within(seconds(2)));
  }

  Result<void> hold(const PinTarget& target) override {
    if (auto set = cores_.set_up(); !set) return set;
    child_ = ::fork();
    if (child_ < 0) return errno_error("fork a process that dumps core");
    if (child_ == 0) dump_core(target.memory.data());
    for (const Deadline deadline(seconds(3)); !in_flight(); sleep_for(milliseconds(1))) {
      if (ended_within(milliseconds(0)))
        return Error{"dump core: step " + std::to_string(WEXITSTATUS(status_)) + " of the child"};
      if (deadline.passed()) return Error{"dump core into a pipe", ETIMEDOUT};
    }
    return ok();
  }

  /// It writes to the pipe: asleep for a signal. Until the pipe's reader runs it would sleep for a
  /// fatal one alone (kernel/umh.c), which shows as D.
  [[nodiscard]] bool in_flight() const override {
    const auto stat = process_stat(child_);
    if (!stat || stat->state != 'S') return false;
    const auto where = read_line("/proc/" + std::to_string(child_) + "/wchan");
    return !where || *where == "0" || where->find("pipe") != std::string::npos;
  }

  Result<void> release() override {
    for (const Deadline deadline(seconds(2)); !ended_within(milliseconds(2));) {
      cores_.end();
      if (deadline.passed()) return Error{"end a core dump", ETIMEDOUT};
    }
    return ok();
  }

  Result<std::vector<std::byte>> received() override { return std::vector<std::byte>{}; }

 private:
  bool ended_within(Nanos span) {
    for (const Deadline deadline(span); child_ > 0;) {
      if (::waitpid(child_, &status_, WNOHANG) == child_) child_ = -1;
      if (child_ <= 0 || deadline.passed()) break;
      sleep_for(std::chrono::microseconds(200));
    }
    return child_ <= 0;
  }

  UnreadCores cores_;
  pid_t child_ = -1;
  int status_ = 0;
};

const PinRegistry::Add registered{{
    .name = "core-dump",
    .help = "a core dump (FOLL_GET; get_dump_page()) into a pipe that is full; ends when its "
            "reader goes; last put by the dying process, which maps the page too",
    .own_machine = true,
    .flavour = Flavour::other,
    .shared_only = true,  // an mremap(2) of length 0 copies no private mapping
    .keeps_file = true,
    .file_only = true,
    .flow = PinFlow::none,
    .make = [] { return std::make_unique<CoreDumpPin>(); },
    .recipe = {.none = "it would change core_pattern, which is the whole machine's"},
}};

}  // namespace
}  // namespace daxbreak
