// SPDX-License-Identifier: GPL-2.0
#include "trial/trial.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "gate/gate.h"
#include "pmem/mapping.h"
#include "trial/breaker_process.h"
#include "trial/recorder.h"
#include "trial/trial_file.h"
#include "workloads/breaker/breaker.h"
#include "workloads/disturber/disturber.h"
#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

using std::chrono::milliseconds;

// Spans on bare metal; TrialSetup::patience stretches them.
constexpr milliseconds break_limit{250};   // from the release to the breaker's return
constexpr milliseconds arm_limit{1000};    // from hold() to the page's count having risen
constexpr milliseconds asleep_limit{500};  // from the breaker's start to its first sleep
constexpr milliseconds settle{4};          // how long a sleeping breaker is watched before release
constexpr milliseconds poll_step{1};
constexpr Nanos longest_trial = std::chrono::seconds(8);

Nanos stretched(Nanos span, double patience) {
  return Nanos(static_cast<std::int64_t>(static_cast<double>(span.count()) * patience));
}

std::string_view name_of(PinFlow flow) {
  switch (flow) {
    case PinFlow::from_page:
      return "from_page";
    case PinFlow::to_page:
      return "to_page";
    case PinFlow::none:
      return "none";
  }
  return "none";
}

/// One trial in progress. Members in the order in which they come to be; destroyed in reverse.
class Trial {
 public:
  Trial(const Cell& cell, const TrialSetup& setup, Timeline& timeline)
      : cell_(cell),
        setup_(setup),
        timeline_(timeline),
        pin_kind_(*PinRegistry::find(cell.pin)),
        breaker_kind_(*BreakerRegistry::find(cell.breaker)),
        disturber_kind_(*DisturberRegistry::find(cell.disturber)),
        layout_(layout_for(cell.page_size)),
        file_id_{.owner = setup.serial * owners_per_trial},
        thief_id_{.owner = file_id_.owner + 1},
        device_id_{.owner = file_id_.owner + 2},
        record_(timeline) {}

  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  /// Whatever step failed: first the gate opens, or a pin's I/O would never end.
  ~Trial() {
    if (gate_shut_) static_cast<void>(setup_.gate->open());
    pin_.reset();
    return_thief();
  }

  /// Every step in order; an Error is harness trouble.
  Result<void> run() {
    describe();
    if (auto made = make_scene(); !made) return made;
    if (auto held = hold(); !held) return held;
    if (auto disturbed = disturb(disturber_kind_.before, "before"); !disturbed) return disturbed;
    if (auto broken = start_break(); !broken) return broken;
    wait_for_sleep_or_return();
    if (asleep_) {
      sleep_for(stretched(settle, setup_.patience));
      if (auto disturbed = disturb(disturber_kind_.during, "during"); !disturbed) return disturbed;
    }
    if (disturber_kind_.ends_breaker) await_death("after the disturber");
    if (auto stolen = steal_freed_block(); !stolen) return stolen;
    note_cpu();
    if (auto released = release(); !released) return released;
    await_break();
    inspect_contents();
    settle_down();
    return ok();
  }

 private:
  static constexpr std::uint32_t owners_per_trial = 4;

  void describe() {
    timeline_.deadline = stretched(break_limit, setup_.patience);
    timeline_.frees_page = breaker_kind_.frees_page;
    timeline_.must_be_refused = pin_kind_.must_be_refused;
    timeline_.ends_breaker = disturber_kind_.ends_breaker;
    timeline_.unmaps = disturber_kind_.unmaps;
    timeline_.foll_pin = pin_kind_.odirect && setup_.odirect_is_foll_pin;
    timeline_.pin_flow = name_of(pin_kind_.flow);
    timeline_.observer_gap = setup_.observer_gap;
  }

  Result<void> make_scene() {
    if (setup_.log != nullptr)
      if (auto marked = setup_.log->mark(); !marked) return marked;
    auto file = TrialFile::create(setup_.directory, file_id_, layout_);
    if (!file) return file.error();
    file_.emplace(std::move(*file));
    // Before the mapping: a child that inherited it would count as a second mapper.
    auto breaker = BreakerProcess::fork(breaker_kind_, {.fd = file_->fd(),
                                                        .file_size = layout_.file_size,
                                                        .offset = layout_.page_offset,
                                                        .length = layout_.page_length});
    if (!breaker) return breaker.error();
    breaker_.emplace(std::move(*breaker));
    auto mapping = FileMapping::map(file_->fd(), cell_.page_size);
    if (!mapping) return mapping.error();
    mapping_.emplace(std::move(*mapping));
    pinned_ = {mapping_->data() + layout_.pin_offset, small_page};
    scene_ = {.mapping = &*mapping_, .pinned = pinned_, .breaker = breaker_->pid()};
    if (auto touched = touch_pages(); !touched) return touched;
    return shut_gate();
  }

  Result<void> shut_gate() {
    if (!pin_kind_.needs_gate) return ok();
    if (setup_.gate == nullptr) return Error{"the pin needs a gate and there is none", 0};
    // What a read through the pin would bring, so that a stray write can be recognised.
    auto device = open_device(*setup_.gate);
    if (!device) return device.error();
    const std::unique_ptr<void, decltype(&std::free)> bytes(
        std::aligned_alloc(small_page, small_page), &std::free);
    const std::span<std::byte> block(static_cast<std::byte*>(bytes.get()), small_page);
    fill_pattern(block, device_id_, 0);
    if (::pwrite(device->get(), block.data(), block.size(), 0) !=
        static_cast<ssize_t>(block.size()))
      return errno_error("fill the gate's device");
    gate_shut_ = true;
    return setup_.gate->shut();
  }

  /// Faults the pinned page in and proves the size of its mapping.
  Result<void> touch_pages() {
    auto* const first = reinterpret_cast<volatile std::byte*>(pinned_.data());
    *first = *first;  // a write fault: read-only mappings are another page kind
    auto by_pmd = mapped_by_pmd(pinned_.data());
    if (!by_pmd) return by_pmd.error();
    timeline_.pmd_mapped = *by_pmd;
    const bool want_pmd = cell_.page_size == huge_page;
    if (*by_pmd != want_pmd)
      return Error{want_pmd ? "the file is not mapped by a 2 MiB page: no aligned extent to be had"
                            : "the file is mapped by a 2 MiB page although 4 KiB were asked for",
                   0};
    return take_counts(moment::mapped);
  }

  Result<void> hold() {
    pin_ = pin_kind_.make();
    pin_begin_ns_ = record_.stamp(EventKind::pin_begin);
    if (auto held = pin_->hold({.memory = pinned_, .gate = setup_.gate}); !held) {
      record_.stamp(EventKind::pin_refused, held.error().number, held.error().doing);
      // Some schemes refuse pins that others grant: that is theirs to show, not harness trouble.
      pin_.reset();
      if (!std::exchange(gate_shut_, false)) return ok();
      return setup_.gate->open();
    }
    return await_counts_to_rise();
  }

  Result<void> await_counts_to_rise() {
    if (setup_.census == nullptr) {
      // Without the census an I/O thread's progress cannot be seen; give it time.
      sleep_for(stretched(settle, setup_.patience));
      record_.stamp(EventKind::pin_held, 0, "not observed");
      return ok();
    }
    const Deadline deadline(stretched(arm_limit, setup_.patience));
    for (;;) {
      auto risen = pinned_count_risen();
      if (!risen) return risen.error();
      // Risen: the I/O has begun. In flight: whoever began it is done with taking references. Still
      // risen: they were not put back again.
      if (*risen && pin_->in_flight()) {
        risen = pinned_count_risen();
        if (!risen) return risen.error();
        if (*risen) {
          auto now = read_pinned();
          if (!now) return now.error();
          record_.stamp(EventKind::pin_held, now->refcount - mapped_count_);
          return take_counts(moment::pinned);
        }
      }
      if (deadline.passed()) return Error{"the pin never raised the page's count", ETIMEDOUT};
      sleep_for(poll_step / 4);
    }
  }

  Result<bool> pinned_count_risen() const {
    auto now = read_pinned();
    if (!now) return now.error();
    return now->refcount > mapped_count_;
  }

  Result<void> disturb(const std::function<Result<void>(Scene&)>& what, std::string_view when) {
    if (!what) return ok();
    record_.stamp(EventKind::disturb_begin, 0, when);
    auto done = what(scene_);
    record_.stamp(EventKind::disturb_end, done ? 0 : done.error().number, when);
    return done;
  }

  Result<void> start_break() {
    if (setup_.observer != nullptr && setup_.census != nullptr) {
      const std::array<std::uint64_t, 1> pages{setup_.census->page_address(file_->pinned_frame())};
      if (auto begun = setup_.observer->begin(pages, static_cast<std::uint32_t>(breaker_->pid()));
          !begun)
        return begun;
    }
    cpu_before_ = breaker_->cpu_ns().value_or(0);  // of the fork
    return breaker_->go();
  }

  void wait_for_sleep_or_return() {
    const Deadline deadline(stretched(asleep_limit, setup_.patience));
    while (!deadline.passed()) {
      if (breaker_->wait(poll_step)) return;
      drain();
      asleep_ = setup_.observer != nullptr ? record_.seen(EventKind::sleep) : deadline.passed();
      if (asleep_) return;
    }
    // Without the observer a breaker that has not returned is taken to be asleep; the verdict says
    // that nobody saw it.
    asleep_ = setup_.observer == nullptr;
  }

  void await_death(std::string_view why) {
    record_.stamp(EventKind::kill, 0, why);
    if (!breaker_->wait(timeline_.deadline)) record_.stamp(EventKind::gave_up, 0, "after kill");
    drain();
    note_end();
  }

  /// A breaker that returned success while the pin holds has given the block away: let another
  /// file have it and mark it, so that the pin's data show whose memory it uses.
  Result<void> steal_freed_block() {
    const BreakReport report = breaker_->report();
    const bool early = pin_ && breaker_kind_.frees_page && report.end_ns != 0 && report.error == 0;
    if (!early || timed() || pin_kind_.flow == PinFlow::none) return ok();
    struct stat now {};
    if (::fstat(file_->fd(), &now) != 0) return errno_error("stat the broken file");
    const std::uint64_t freed = now.st_size == 0 ? layout_.file_size : layout_.page_length;
    auto taken = take_block(setup_.directory, file_->pinned_physical(), freed,
                            setup_.own_filesystem, thief_id_);
    if (!taken) return taken.error();
    if (!taken->has_value()) return ok();
    thief_ = std::move(*taken);
    record_.stamp(EventKind::reused, static_cast<std::int64_t>(file_->pinned_physical()),
                  thief_->path.filename().string());
    return ok();
  }

  void note_cpu() {
    if (const auto used = breaker_->cpu_ns())
      record_.stamp(EventKind::cpu, *used - cpu_before_, "so far");
  }

  Result<void> release() {
    if (!pin_) return ok();
    if (timed()) {
      // A timer ends the I/O: not before its completion time has passed since the pin began. That
      // moment is the earliest at which the release can have begun.
      record_.at(pin_begin_ns_ + setup_.gate_completion.count(), EventKind::release_begin, 0,
                 "timer");
    } else {
      record_.stamp(EventKind::release_begin);
    }
    const bool take_back = would_write_to_a_stranger();
    if (gate_shut_) {
      gate_shut_ = false;
      if (auto let = take_back ? setup_.gate->fail() : setup_.gate->open(); !let) return let;
    }
    auto released = pin_->release();
    record_.stamp(EventKind::release_end, released ? 0 : released.error().number);
    return take_back ? setup_.gate->mend() : released;
  }

  /// The page was given away early, the held I/O would write into it, the filesystem is not ours
  /// alone and we do not own the block: whoever does must not suffer for our finding.
  [[nodiscard]] bool would_write_to_a_stranger() const {
    const BreakReport report = breaker_->report();
    return !setup_.own_filesystem && gate_shut_ && !timed() && !thief_ &&
           pin_kind_.flow == PinFlow::to_page && report.end_ns != 0 && report.error == 0;
  }

  void await_break() {
    if (breaker_->wait(timeline_.deadline)) {
      drain();
      note_end();
      return;
    }
    drain();
    if (auto taken = take_counts(moment::overdue); !taken) note_trouble(taken.error());
    record_.stamp(EventKind::poke);
    breaker_->poke();
    if (!breaker_->wait(timeline_.deadline)) {
      record_.stamp(EventKind::gave_up, 0, "after poke");
      record_.stamp(EventKind::kill, 0, "after the poke");
      breaker_->kill();
      if (!breaker_->wait(timeline_.deadline)) record_.stamp(EventKind::gave_up, 0, "after kill");
    }
    drain();
    note_end();
  }

  /// Takes over the breaker's own stamps, once.
  void note_end() {
    if (end_noted_) return;
    const BreakReport report = breaker_->report();
    if (report.begin_ns != 0 && !begin_noted_) {
      record_.at(report.begin_ns, EventKind::break_begin);
      begin_noted_ = true;
    }
    if (report.end_ns != 0) {
      record_.at(report.end_ns, EventKind::break_end, report.error);
      record_.at(report.end_ns, EventKind::cpu, report.cpu_ns, "in call");
      end_noted_ = true;
    } else if (report.signal != 0) {
      record_.stamp(EventKind::break_died, report.signal);
      end_noted_ = true;
    }
  }

  void inspect_contents() {
    if (!thief_ || !pin_) return;
    if (pin_kind_.flow == PinFlow::from_page) {
      if (auto bytes = pin_->received())
        record_.stamp(EventKind::content,
                      static_cast<std::int64_t>(count_pattern(*bytes, thief_id_, thief_->logical)),
                      "pin");
      return;
    }
    std::vector<std::byte> block(small_page);
    const ssize_t got =
        ::pread(thief_->fd.get(), block.data(), block.size(), static_cast<off_t>(thief_->logical));
    if (got == static_cast<ssize_t>(block.size()))
      record_.stamp(EventKind::content,
                    static_cast<std::int64_t>(count_pattern(block, device_id_, 0)), "block");
  }

  /// Lets everything go and counts what is left.
  void settle_down() {
    if (setup_.observer != nullptr) {
      timeline_.events_lost = setup_.observer->lost();
      static_cast<void>(setup_.observer->end());
    }
    pin_.reset();
    if (auto unmapped = mapping_->unmap(); !unmapped) note_trouble(unmapped.error());
    take_histogram(moment::settled);
    return_thief();
    file_->remove();
    take_histogram(moment::removed);
    if (setup_.log == nullptr) return;
    auto lines = setup_.log->lines();
    if (!lines) return note_trouble(lines.error());
    for (const std::string& line : *lines)
      if (is_complaint(line)) record_.stamp(EventKind::kernel_log, is_fatal(line) ? 1 : 0, line);
  }

  void return_thief() {
    if (thief_) give_back(std::move(*thief_));
    thief_.reset();
  }

  /// What could not be looked at proves nothing: the trial cannot pass.
  void note_trouble(const Error& error) { timeline_.trouble = error.message(); }

  [[nodiscard]] bool timed() const { return pin_kind_.needs_gate && setup_.gate_timed; }

  Result<PageCounts> read_pinned() const {
    const std::array<Pfn, 1> page{file_->pinned_frame()};
    auto counts = setup_.census->read(page);
    if (!counts) return counts.error();
    return counts->front();
  }

  Result<void> take_counts(std::string_view when) {
    if (setup_.census == nullptr) return ok();
    auto now = read_pinned();
    if (!now) return now.error();
    if (when == moment::mapped) {
      mapped_count_ = now->refcount;
      timeline_.compound = now->compound;
    }
    record_.counts(*now, when);
    return ok();
  }

  /// The census of the file's pages, once all are idle or the deadline has passed: a completed read
  /// may put its pages a moment later, from a workqueue (block/bio.c, bio_check_pages_dirty()).
  void take_histogram(std::string_view when) {
    if (setup_.census == nullptr) return;
    const Deadline deadline(timeline_.deadline);
    for (;;) {
      auto census = setup_.census->count(file_->frames());
      if (!census) return note_trouble(census.error());
      const bool idle = census->size() == 1 && census->begin()->first == setup_.scheme.idle;
      if (idle || deadline.passed()) return record_.histogram(*census, when);
      sleep_for(poll_step);
    }
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
  const Layout layout_;
  const PatternId file_id_;
  const PatternId thief_id_;
  const PatternId device_id_;
  Recorder record_;

  std::optional<TrialFile> file_;
  std::optional<FileMapping> mapping_;
  std::optional<BreakerProcess> breaker_;
  std::unique_ptr<Pin> pin_;
  std::optional<Reuse> thief_;
  std::span<std::byte> pinned_;
  Scene scene_;

  std::int64_t pin_begin_ns_ = 0;
  std::int64_t cpu_before_ = 0;
  std::int32_t mapped_count_ = 0;
  bool gate_shut_ = false;
  bool asleep_ = false;
  bool begin_noted_ = false;
  bool end_noted_ = false;
};

}  // namespace

Nanos trial_limit(const TrialSetup& setup) {
  return stretched(longest_trial, setup.patience);
}

Timeline run_trial(const Cell& cell, const TrialSetup& setup) {
  Timeline timeline;
  timeline.cell = cell;
  if (PinRegistry::find(cell.pin) == nullptr || BreakerRegistry::find(cell.breaker) == nullptr ||
      DisturberRegistry::find(cell.disturber) == nullptr ||
      GateRegistry::find(cell.gate) == nullptr) {
    timeline.trouble = "the cell names a pin, breaker, disturber or gate that does not exist";
    return timeline;
  }
  {
    Trial trial(cell, setup, timeline);
    if (auto done = trial.run(); !done) timeline.trouble = done.error().message();
  }
  Recorder(timeline).finish();
  return timeline;
}

}  // namespace daxbreak
