// SPDX-License-Identifier: GPL-2.0
#include "trial/device_trial.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include "base/file.h"
#include "base/proc.h"
#include "gate/gate.h"
#include "pmem/dax_device.h"
#include "pmem/mapping.h"
#include "trial/actor.h"
#include "trial/aftermath.h"
#include "trial/break_watch.h"
#include "trial/pin_control.h"
#include "trial/pinned_page.h"
#include "trial/recorder.h"
#include "trial/spans.h"
#include "workloads/breaker/breaker.h"
#include "workloads/disturber/disturber.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

using namespace span;

// The watched page in its device page: not the first, so that a head page is not mistaken for it.
constexpr std::uint64_t within_huge = 37 * small_page;

/// Minor faults of this thread so far.
long faults() {
  rusage used{};
  ::getrusage(RUSAGE_THREAD, &used);
  return used.ru_minflt;
}

void touch(std::byte* address) {
  auto* const byte = reinterpret_cast<volatile std::byte*>(address);
  *byte = *byte;
}

/// One trial in progress. Members in the order in which they come to be; destroyed in reverse.
class DeviceTrial {
 public:
  DeviceTrial(const Cell& cell, const TrialSetup& setup, Timeline& timeline)
      : cell_(cell),
        setup_(setup),
        timeline_(timeline),
        pin_kind_(*PinRegistry::find(cell.pin)),
        breaker_kind_(*BreakerRegistry::find(cell.breaker)),
        disturber_kind_(*DisturberRegistry::find(cell.disturber)),
        record_(timeline),
        page_(setup.census, record_, timeline) {}

  DeviceTrial(const DeviceTrial&) = delete;
  DeviceTrial& operator=(const DeviceTrial&) = delete;
  /// Whatever step failed: first the gate opens, or a pin's I/O would never end.
  ~DeviceTrial() {
    if (gate_shut_) static_cast<void>(setup_.gate->open());
    pin_.reset();
    put_right();
  }

  Result<void> run() {
    describe();
    if (auto made = make_scene(); !made || !timeline_.skip.empty()) return made;
    if (auto held = hold(); !held || !timeline_.skip.empty()) return held;
    if (auto disturbed = disturb(disturber_kind_.before, "before"); !disturbed) return disturbed;
    checkpoint();
    if (auto begun = breaker_->go(); !begun) return begun;
    watch_the_teardown();
    if (asleep_)
      if (auto disturbed = disturb_sleeper(); !disturbed) return disturbed;
    checkpoint();
    if (auto released = release(); !released) return released;
    watch_->await_end();
    checkpoint();
    return settle_down();
  }

 private:
  void describe() {
    timeline_.device = true;
    timeline_.deadline = stretched(break_limit, setup_.patience);
    timeline_.frees_page = breaker_kind_.takes == Takes::yes;
    timeline_.transient = pin_kind_.transient;
    timeline_.refusable = breaker_kind_.may_be_refused;
    timeline_.ends_breaker = disturber_kind_.ends_breaker == EndsBreaker::died;
    timeline_.interrupts = disturber_kind_.ends_breaker == EndsBreaker::interrupted;
    timeline_.unmaps = disturber_kind_.unmaps;
    timeline_.foll_pin = pin_kind_.flavour == Flavour::pin ||
                         (pin_kind_.flavour == Flavour::odirect && setup_.odirect_is_foll_pin);
    const bool countable = pin_kind_.flavour != Flavour::other;
    timeline_.references = countable ? static_cast<int>(pin_kind_.references) : 0;
    timeline_.pinned_pages = static_cast<int>(pin_kind_.pages);
    timeline_.pin_flow = "none";  // nobody else is given the block, so nothing can leak
    timeline_.observer_gap = setup_.observer_gap;
  }

  Result<void> make_scene() {
    if (setup_.log != nullptr)
      if (auto marked = setup_.log->mark(); !marked) return marked;
    auto device = setup_.own_filesystem ? align_dax_device(setup_.directory.device, cell_.page_size)
                                        : find_dax_device(setup_.directory.device);
    if (!device) return device.error();
    device_ = std::move(*device);
    if (device_.alignment != cell_.page_size)
      return Error{fmt::format("{} has pages of {} bytes, not of {}", device_.node,
                               device_.alignment, cell_.page_size)};
    if (device_.size < cell_.page_size)
      return Error{fmt::format("{} has {} bytes, which is less than one page of {}", device_.node,
                               device_.size, cell_.page_size)};
    auto fd = open_file(device_.node, O_RDWR);
    if (!fd) return fd.error();
    fd_ = std::move(*fd);
    lay_out();
    target_ = {.fd = fd_.get(),
               .file_size = length_,
               .offset = offset_ / cell_.page_size * cell_.page_size,
               .length = cell_.page_size,
               .device = device_.node,
               .state = {}};
    if (auto forked = fork_breaker(); !forked || !timeline_.skip.empty()) return forked;
    if (auto mapped = map_device(); !mapped) return mapped;
    if (!pin_kind_.needs_gate) return ok();
    if (setup_.gate == nullptr) return Error{"the pin needs a gate and there is none", 0};
    gate_shut_ = true;
    return setup_.gate->shut();
  }

  /// The pinned pages end with the watched one; with small pages there are some before it.
  void lay_out() {
    const bool small = cell_.page_size == small_page;
    length_ = small ? 32 * small_page : cell_.page_size;
    offset_ = small ? 20 * small_page : within_huge;
  }

  /// Before the mapping: a child that inherited it would count as a second mapper.
  Result<void> fork_breaker() {
    auto breaker = Actor::fork({.arm = breaker_kind_.arm,
                                .run = breaker_kind_.run,
                                .ends_process = breaker_kind_.ends_process},
                               target_);
    if (!breaker) {
      if (breaker.error().number != ENOSYS && breaker.error().number != EOPNOTSUPP)
        return breaker.error();
      timeline_.skip = cell_.breaker + " is not known here: " + breaker.error().message();
      return ok();
    }
    breaker_.emplace(std::move(*breaker));
    watch_.emplace(*breaker_, record_, timeline_.deadline,
                   BreakHooks{.drain = [this] { drain(); }, .overdue = {}, .ended = {}});
    return ok();
  }

  Result<void> map_device() {
    auto mapping = FileMapping::map_device(fd_.get(), length_, cell_.page_size);
    if (!mapping) return mapping.error();
    mapping_.emplace(std::move(*mapping));
    const std::size_t pinned = pin_kind_.pages * small_page;
    pinned_ = {mapping_->data() + offset_ + small_page - pinned, pinned};
    scene_ = {.mapping = &*mapping_,
              .pinned = pinned_,
              .neighbour = {mapping_->data(), small_page},
              .breaker = breaker_->pid(),
              .target = target_,
              .state = {}};
    if (auto proven = touch_pages(); !proven) return proven;
    // Not asked of /proc/self/pagemap: that splits a PUD to walk it (mm/pagewalk.c,
    // walk_pud_range()). A device's pages lie one behind the other.
    page_.watch(device_.frames.first + (offset_ / small_page));
    if (auto taken = page_.take_unpinned(moment::mapped); !taken) return taken;
    if (setup_.observer == nullptr || setup_.census == nullptr) return ok();
    const std::uint64_t address = setup_.census->page_address(*page_.frame());
    if (auto begun =
            setup_.observer->begin({&address, 1}, static_cast<std::uint32_t>(breaker_->pid()), 0);
        !begun)
      return begun;
    setup_.observer->thin_out(pin_kind_.transient);
    return ok();
  }

  /// Faults the pinned pages in. One fault must do for all of a huge page: that is the proof of the
  /// mapping's size, and it disturbs nothing.
  Result<void> touch_pages() {
    touch(&pinned_.back());
    const long before = faults();
    if (cell_.page_size > small_page) {
      touch(mapping_->data());
      touch(mapping_->data() + length_ - small_page);
      if (faults() != before)
        return Error{fmt::format("the device is not mapped by pages of {} bytes", cell_.page_size),
                     0};
      timeline_.pmd_mapped = cell_.page_size == huge_page;
    }
    for (std::size_t at = 0; at < pinned_.size(); at += small_page)
      touch(&pinned_[at]);
    return ok();
  }

  Result<void> hold() {
    pin_ = pin_kind_.make();
    record_.stamp(EventKind::pin_begin);
    if (auto held = pin_->hold({.memory = pinned_, .gate = setup_.gate}); !held) {
      record_.stamp(EventKind::pin_refused, held.error().number, held.error().doing);
      const int number = held.error().number;
      // Device-dax may be held for long, but not every kernel lets every user do so: io_uring of
      // 5.10 and 6.1 refuses memory of files (io_uring/rsrc.c, io_pin_pages()).
      if (number == ENOSYS || (pin_kind_.must_be_refused && number == EOPNOTSUPP))
        timeline_.skip = fmt::format("{} of device-dax is not for this kernel: {}", cell_.pin,
                                     held.error().message());
      return after_refusal(ungranted_, held.error());
    }
    if (pin_kind_.transient) {
      record_.stamp(EventKind::pin_held, 0, "now and again");
      return ok();
    }
    if (auto seen = page_.await(*pin_, true, setup_.patience); !seen)
      return refused_later(ungranted_, seen.error());
    return pin_->loosen();
  }

  Result<void> disturb(const std::function<Result<void>(Scene&)>& what, std::string_view when) {
    if (!what) return ok();
    record_.stamp(EventKind::disturb_begin, 0, when);
    auto done = what(scene_);
    record_.stamp(EventKind::disturb_end, done ? 0 : done.error().number, when);
    return done;
  }

  /// A teardown sleeps on many things for moments (RCU, the driver core's locks): the one that
  /// waits for the pin still sleeps when all of them must be over.
  void watch_the_teardown() {
    if (breaker_->wait(stretched(asleep_limit, setup_.patience))) return;
    auto stat = process_stat(breaker_->pid());
    if (!stat || breaker_->report().begin_ns == 0) return;
    if (stat->state != 'D' && stat->state != 'S') return;
    const auto where = read_line(fmt::format("/proc/{}/wchan", breaker_->pid()));
    record_.stamp(EventKind::sleep, 0,
                  fmt::format("{} in {}", stat->state == 'D' ? "uninterruptible" : "interruptible",
                              where ? *where : "?"));
    asleep_ = true;
  }

  Result<void> disturb_sleeper() {
    if (auto disturbed = disturb(disturber_kind_.during, "during"); !disturbed) return disturbed;
    if (timeline_.ends_breaker) watch_->await_death("after the disturber");
    if (timeline_.interrupts) static_cast<void>(watch_->note_if_ended(timeline_.deadline));
    return ok();
  }

  Result<void> release() {
    if (!pin_) return ok();
    if (setup_.observer != nullptr) setup_.observer->thin_out(false);
    if (pin_kind_.needs_gate && setup_.gate_timed) {
      record_.stamp(EventKind::release_begin, 0, "timer");
    } else {
      record_.stamp(EventKind::release_begin);
    }
    if (std::exchange(gate_shut_, false))
      if (auto opened = setup_.gate->open(); !opened) return opened;
    auto released = pin_->release();
    record_.stamp(EventKind::release_end, released ? 0 : released.error().number);
    return released;
  }

  /// Whether the struct pages are still there to be read.
  [[nodiscard]] bool torn_down() const {
    return breaker_kind_.takes == Takes::yes && breaker_->report().begin_ns != 0;
  }

  Result<void> settle_down() {
    if (setup_.observer != nullptr) static_cast<void>(setup_.observer->end());
    pin_.reset();
    put_right();
    if (auto unmapped = mapping_->unmap(); !unmapped) return unmapped;
    if (!torn_down())
      if (auto idle = await_idle(); !idle) return idle;
    return note_complaints(setup_.log, record_);
  }

  /// The page's count once it is idle, or when the deadline has passed.
  Result<void> await_idle() {
    if (!page_.countable()) return ok();
    const Deadline deadline(timeline_.deadline);
    for (;;) {
      auto now = page_.read();
      if (!now) return now.error();
      if (now->refcount == setup_.scheme.device_idle || deadline.passed()) {
        record_.histogram({{now->refcount, 1}}, moment::settled);
        return ok();
      }
      sleep_for(poll_step);
    }
  }

  /// Undoes what the disturber changed, once.
  void put_right() {
    if (std::exchange(put_right_, true) || !disturber_kind_.after) return;
    if (auto done = disturber_kind_.after(scene_); !done)
      timeline_.trouble = done.error().message();
  }

  void checkpoint() {
    drain();
    static_cast<void>(breaker_->wait(Nanos{}));
    watch_->note();
    if (setup_.checkpoint) setup_.checkpoint(timeline_);
  }

  void drain() {
    if (setup_.observer == nullptr) return;
    if (auto drained = record_.drain(*setup_.observer); !drained)
      timeline_.observer_gap = drained.error().message();
  }

  const Cell& cell_;
  const TrialSetup& setup_;
  Timeline& timeline_;
  const PinKind& pin_kind_;
  const BreakerKind& breaker_kind_;
  const DisturberKind& disturber_kind_;
  Recorder record_;
  PinnedPage page_;

  DaxDevice device_;
  std::uint64_t length_ = 0;  ///< of the mapping, bytes from the device's first
  std::uint64_t offset_ = 0;  ///< of the watched page in it
  Fd fd_;
  BreakTarget target_;
  std::optional<Actor> breaker_;
  std::optional<BreakWatch> watch_;
  std::optional<FileMapping> mapping_;
  std::span<std::byte> pinned_;
  Scene scene_;
  std::unique_ptr<Pin> pin_;
  bool gate_shut_ = false;
  const UngrantedPin ungranted_{pin_kind_, pin_, setup_.gate, gate_shut_, record_};
  bool asleep_ = false;
  bool put_right_ = false;
};

}  // namespace

Result<void> run_device_trial(const Cell& cell, const TrialSetup& setup, Timeline& timeline) {
  return DeviceTrial(cell, setup, timeline).run();
}

}  // namespace daxbreak
