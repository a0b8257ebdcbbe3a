// SPDX-License-Identifier: GPL-2.0
#include "run/states.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/falloc.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <optional>

#include "base/file.h"
#include "base/units.h"
#include "gate/gate.h"
#include "pmem/mapping.h"
#include "trial/pin_control.h"
#include "trial/trial_file.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

void touch(std::span<std::byte> page) {
  auto* const first = reinterpret_cast<volatile std::byte*>(page.data());
  *first = *first;
}

// A fork, a mapping and one fault; generous to a slow machine.
constexpr std::chrono::seconds mapper_limit{10};

/// A second process that maps the file and touches the page, until it is told to go.
class SecondMapper {
 public:
  [[nodiscard]] static Result<SecondMapper> start(int fd, std::size_t page_size,
                                                  std::uint64_t offset) {
    SecondMapper mapper;
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make a second mapper's pipe");
    const Fd ready_in(ends[0]);
    Fd ready_out(ends[1]);
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make a second mapper's pipe");
    const Fd stop_in(ends[0]);
    mapper.stop_ = Fd(ends[1]);
    mapper.pid_ = ::fork();
    if (mapper.pid_ < 0) return errno_error("fork a second mapper");
    if (mapper.pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      mapper.stop_.reset();
      auto mapping = FileMapping::map(fd, page_size);
      if (!mapping) ::_exit(1);
      touch({mapping->data() + offset, small_page});
      static_cast<void>(write_all(ready_out.get(), "r"));
      char byte = 0;
      static_cast<void>(::read(stop_in.get(), &byte, 1));
      ::_exit(0);
    }
    ready_out.reset();
    pollfd ready{.fd = ready_in.get(), .events = POLLIN, .revents = 0};
    char byte = 0;
    if (::poll(&ready, 1, Deadline(mapper_limit).left_ms()) <= 0 ||
        ::read(ready_in.get(), &byte, 1) != 1)
      return Error{"a second process could not map the file", 0};
    return mapper;
  }

  SecondMapper(SecondMapper&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), stop_(std::move(other.stop_)) {}
  SecondMapper& operator=(SecondMapper&&) = delete;
  ~SecondMapper() {
    stop_.reset();
    if (pid_ <= 0) return;
    const Deadline deadline(mapper_limit);
    while (::waitpid(pid_, nullptr, WNOHANG) == 0 && !deadline.passed())
      sleep_for(std::chrono::milliseconds(1));
    if (deadline.passed()) ::kill(pid_, SIGKILL);
  }

 private:
  SecondMapper() = default;
  pid_t pid_ = -1;
  Fd stop_;
};

/// Walks one page through its states.
class Walk {
 public:
  Walk(const KernelView& view, const DaxDirectory& directory, std::string kernel,
       std::uint64_t page_size, std::uint32_t serial)
      : view_(view),
        directory_(directory),
        kernel_(std::move(kernel)),
        page_size_(page_size),
        serial_(serial) {}

  Result<std::vector<CensusRecord>> run() {
    auto layout = layout_for({.page_size = page_size_});
    if (!layout) return layout.error();
    layout_ = std::move(*layout);
    auto made = TrialFile::create(directory_, {.owner = serial_}, {.owner = serial_}, layout_);
    if (!made) return made.error();
    TrialFile file = std::move(*made);
    auto frame = file.frame(layout_.page);
    if (!frame) return frame.error();
    frame_ = *frame;
    note("in a file, not mapped, not pinned", true);
    if (auto done = mapped_states(file.fd()); !done) return done.error();
    if (::fallocate(file.fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                    static_cast<off_t>(layout_.broken.offset),
                    static_cast<off_t>(layout_.broken.length)) != 0)
      return errno_error("punch the page out");
    note("punched out (free)", true);
    return std::move(records_);
  }

 private:
  Result<void> mapped_states(int fd) {
    auto mapping = FileMapping::map(fd, page_size_);
    if (!mapping) return mapping.error();
    const std::span<std::byte> page{mapping->data() + layout_.page, small_page};
    touch(page);
    note("mapped by one process");
    {
      auto second = SecondMapper::start(fd, page_size_, layout_.page);
      if (!second) return second.error();
      note("mapped by two processes");
    }
    if (auto done = odirect_state(page); !done) return done;
    auto pin = PinRegistry::find("vmsplice")->make();
    if (auto held = pin->hold({.memory = page}); !held) return unless_unreachable(held.error());
    note("mapped, held by one vmsplice");
    if (auto unmapped = mapping->unmap(); !unmapped) return unmapped;
    note("unmapped, held by one vmsplice");
    return pin->release();
  }

  Result<void> odirect_state(std::span<std::byte> page) {
    auto gate = GateRegistry::find("dm")->make({});
    if (!gate) return gate.error();
    if (auto shut = (*gate)->shut(); !shut) return shut;
    auto pin = PinRegistry::find("libaio")->make();
    auto held = pin->hold({.memory = page, .gate = gate->get()});
    // FOLL_GET or FOLL_PIN, as the kernel does it: the count tells which.
    if (held) note("mapped, held by one O_DIRECT read");
    if (auto opened = (*gate)->open(); !opened) return opened;
    if (!held) return unless_unreachable(held.error());
    auto ended = pin->release();
    if (ended) return ok();
    records_.pop_back();  // it had not been held: its submission was accepted, nothing more
    return unless_unreachable(ended.error());
  }

  /// There are schemes under which no reference to a mapped page can be had: a state that they do
  /// not know.
  static Result<void> unless_unreachable(const Error& error) {
    if (says_no_reference(error.number)) return ok();
    return error;
  }

  void note(std::string_view state, bool idle = false) {
    auto counts = view_.census->read(std::array<Pfn, 1>{frame_});
    if (!counts) return;
    records_.push_back(
        {.kernel = kernel_,
         .subject = fmt::format("{}, {} page", directory_.filesystem, format_size(page_size_)),
         .state = std::string(state),
         .histogram = {{counts->front().refcount, 1}},
         .idle_expected = idle,
         .idle = view_.scheme.idle});
  }

  const KernelView& view_;
  const DaxDirectory& directory_;
  std::string kernel_;
  std::uint64_t page_size_;
  Layout layout_;
  std::uint32_t serial_;
  Pfn frame_ = 0;
  std::vector<CensusRecord> records_;
};

}  // namespace

Result<std::vector<CensusRecord>> measure_states(const KernelView& view,
                                                 const DaxDirectory& directory,
                                                 const std::string& kernel, std::uint64_t page_size,
                                                 std::uint32_t serial) {
  if (!view.census) return Error{"the census is not available: " + view.observer_gap, 0};
  return Walk(view, directory, kernel, page_size, serial).run();
}

}  // namespace daxbreak
