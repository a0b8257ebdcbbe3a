// SPDX-License-Identifier: GPL-2.0
#include "trial/file_trial.h"

#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include "gate/gate.h"
#include "pmem/mapping.h"
#include "trial/actor.h"
#include "trial/aftermath.h"
#include "trial/break_site.h"
#include "trial/break_watch.h"
#include "trial/breakers_pin.h"
#include "trial/bystander.h"
#include "trial/isolation.h"
#include "trial/layout.h"
#include "trial/making.h"
#include "trial/pin_control.h"
#include "trial/pinned_page.h"
#include "trial/recorder.h"
#include "trial/spans.h"
#include "trial/trial_file.h"
#include "trial/trial_mapping.h"
#include "trial/witness.h"
#include "workloads/breaker/breaker.h"
#include "workloads/disturber/disturber.h"
#include "workloads/memory/memory.h"
#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

using namespace span;

/// One trial in progress. Members in the order in which they come to be; destroyed in reverse.
class FileTrial {
 public:
  FileTrial(const Cell& cell, const TrialSetup& setup, Timeline& timeline)
      : cell_(cell),
        setup_(setup),
        timeline_(timeline),
        pin_kind_(*PinRegistry::find(cell.pin)),
        breaker_kind_(*BreakerRegistry::find(cell.breaker)),
        disturber_kind_(*DisturberRegistry::find(cell.disturber)),
        memory_(*MemoryRegistry::find(cell.memory)),
        record_(timeline),
        page_(setup.census, record_, timeline),
        site_(setup.directory, breaker_kind_, memory_, id_of(Owner::file), id_of(Owner::partner)),
        mapping_(memory_, cell.page_size),
        isolation_(id_of(Owner::device), id_of(Owner::new_owner), record_) {}

  FileTrial(const FileTrial&) = delete;
  FileTrial& operator=(const FileTrial&) = delete;
  /// Whatever step failed: first the gate opens, or a pin's I/O would never end.
  ~FileTrial() {
    if (gate_shut_) static_cast<void>(setup_.gate->open());
    pin_.reset();
    put_right();
  }

  /// Every step in order; an Error is harness trouble.
  Result<void> run() {
    if (auto laid_out = lay_out(); !laid_out) return laid_out;
    describe_making(cell_, setup_, timeline_);
    if (auto made = make_scene(); !made) return made;
    if (!timeline_.skip.empty()) return ok();
    if (auto tried = control_flush(); !tried) return tried;
    if (auto held = hold(); !held) return held;
    if (!timeline_.skip.empty()) return ok();
    if (auto loosened = loosen(); !loosened) return loosened;
    if (auto stored = dirty_witness(); !stored) return stored;
    if (auto disturbed = disturb(disturber_kind_.before, "before"); !disturbed)
      return skip_if_unknown(disturbed.error(), cell_.disturber);
    if (!timeline_.skip.empty()) return ok();
    checkpoint();
    if (auto broken = start_break(); !broken) return broken;
    wait_for_sleep_or_return();
    await_catch();
    if (asleep_)
      if (auto disturbed = disturb_sleeper(); !disturbed) return disturbed;
    if (auto stolen = steal_freed_block(); !stolen) return stolen;
    note_cpu();
    // What takes the filesystem from everybody is put right before the pin's own I/O needs it.
    if (breaker_kind_.own_filesystem) static_cast<void>(watch_->note_if_ended(Nanos{}));
    checkpoint();
    if (auto released = release(); !released) return released;
    watch_->await_end();
    if (bystander_) bystander_->await_end(timeline_.deadline);
    if (pin_) isolation_.inspect(*pin_, pin_kind_.flow, layout_.pinned.length);
    if (auto flushed = flush_witness(); !flushed) note_trouble(flushed.error());
    checkpoint();
    settle_down();
    return ok();
  }

 private:
  static constexpr std::string_view both_mapped = "mapped by both";

  /// Those whose bytes a trial can tell apart.
  enum class Owner : std::uint32_t { file, new_owner, device, partner };
  static constexpr std::uint32_t owners_per_trial = 4;

  [[nodiscard]] PatternId id_of(Owner owner) const {
    return {.owner = (setup_.serial * owners_per_trial) + static_cast<std::uint32_t>(owner)};
  }

  Result<void> lay_out() {
    auto layout = layout_for({.page_size = cell_.page_size,
                              .range = cell_.range,
                              .needs_tail = breaker_kind_.needs_tail,
                              .pin_pages = pin_kind_.pages});
    if (!layout) return layout.error();
    layout_ = std::move(*layout);
    return ok();
  }

  Result<void> make_scene() {
    if (setup_.log != nullptr)
      if (auto marked = setup_.log->mark(); !marked) return marked;
    if (auto made = make_files(); !made) return made;
    if (!timeline_.skip.empty()) return ok();
    if (auto forked = fork_actors(); !forked) return forked;
    if (!timeline_.skip.empty()) return ok();
    if (!disturber_kind_.pin_in_breaker)
      if (auto mapped = map_file(); !mapped) return mapped;
    if (auto watched = watch(); !watched) return watched;
    return shut_gate();
  }

  Result<void> make_files() {
    if (auto made = site_.make_file(layout_); !made) return made;
    if (memory_.shared_extent)
      if (auto shared = site_.file().share_blocks(); !shared)
        return skip_if_unknown(shared.error(), "sharing blocks on " + cell_.filesystem);
    return site_.make_target(layout_);
  }

  /// Before the mapping: a child that inherited it would count as a second mapper.
  Result<void> fork_actors() {
    auto breaker = Actor::fork(
        {.arm = disturber_kind_.pin_in_breaker ? arm_with_pin(cell_, layout_) : breaker_kind_.arm,
         .run = breaker_kind_.run,
         .ends_process = breaker_kind_.ends_process},
        site_.target());
    if (!breaker) return skip_if_unknown(breaker.error(), cell_.breaker);
    breaker_.emplace(std::move(*breaker));
    watch_.emplace(*breaker_, record_, timeline_.deadline,
                   BreakHooks{.drain = [this] { drain(); },
                              .overdue = [this] { count_overdue(); },
                              .ended = [this] { restore(); }});
    if (!disturber_kind_.bystander) return ok();
    auto bystander = Actor::fork({.arm = {}, .run = disturber_kind_.bystander}, site_.target());
    if (!bystander) return bystander.error();
    bystander_.emplace(std::move(*bystander), record_);
    return ok();
  }

  Result<void> map_file() {
    if (auto mapped = mapping_.map(site_.file().fd()); !mapped) return mapped;
    pinned_ = mapping_.part(layout_.pinned);
    scene_ = {.mapping = &mapping_.file(),
              .pinned = pinned_,
              .neighbour = mapping_.part({layout_.neighbour, small_page}),
              .writable = memory_.how.writable,
              .breaker = breaker_->pid(),
              .target = site_.target(),
              .state = {}};
    if (auto proven = mapping_.fault_in(pinned_, timeline_); !proven) return proven;
    if (auto known = watch_page(); !known || !memory_.clone_mapped) return known;
    if (auto mapped = mapping_.map_clone(site_.file().clone_fd(), layout_.page); !mapped)
      return mapped;
    return page_.take_unpinned(both_mapped);
  }

  /// From now on the page that is to be pinned is known by its frame.
  Result<void> watch_page() {
    if (setup_.census == nullptr) return ok();
    if (memory_.hole) return ok();  // the zero page is everybody's: its count says nothing
    auto frame = frame_of(&pinned_.back());
    if (!frame) return frame.error();
    page_.watch(*frame);
    auto own = site_.file().frame(layout_.page);
    if (memory_.file_page && own && *own != *frame)
      return Error{"the mapping does not show the file's own page", 0};
    return page_.take_unpinned(moment::mapped);
  }

  /// An operation that this kernel does not know is no trouble but a reason not to run.
  Result<void> skip_if_unknown(const Error& error, const std::string& what) {
    if (error.number != ENOSYS && error.number != EOPNOTSUPP) return error;
    timeline_.skip = what + " is not known to this kernel: " + error.message();
    return ok();
  }

  Result<void> watch() {
    if (setup_.observer == nullptr || setup_.census == nullptr) return ok();
    std::vector<std::uint64_t> pages;
    if (page_.frame()) pages.push_back(setup_.census->page_address(*page_.frame()));
    if (auto begun = setup_.observer->begin(pages, static_cast<std::uint32_t>(breaker_->pid()),
                                            site_.file().inode());
        !begun)
      return begun;
    setup_.observer->thin_out(pin_kind_.transient);
    return ok();
  }

  Result<void> shut_gate() {
    if (!pin_kind_.needs_gate) return ok();
    if (setup_.gate == nullptr) return Error{"the pin needs a gate and there is none", 0};
    auto device = open_device(*setup_.gate);
    if (!device) return device.error();
    if (auto marked = isolation_.mark_device(device->get(), layout_.pinned.length); !marked)
      return marked;
    gate_shut_ = true;
    return setup_.gate->shut();
  }

  /// Whether what a trial writes elsewhere in the file can be followed to the medium.
  [[nodiscard]] bool can_witness() const {
    return mapping_.was_mapped() && memory_.how.writable && memory_.how.shared &&
           setup_.observer != nullptr && setup_.census != nullptr &&
           !breaker_kind_.last_reference && !breaker_kind_.own_filesystem;
  }

  /// While the file is mapped: what flushes it later needs the descriptor alone.
  Witness witness() const {
    return {.fd = site_.file().fd(),
            .address = mapping_.part({layout_.witness, small_page}).data(),
            .index = layout_.witness / small_page};
  }

  /// Shows that the observer sees the flush of a page that fsync makes durable.
  Result<void> control_flush() {
    if (!can_witness()) return ok();
    witness_ = witness();
    witness_->dirty(record_, "control");
    return witness_->flush(record_, "control");
  }

  Result<void> dirty_witness() {
    if (witness_) witness_->dirty(record_, "witness");
    return ok();
  }

  Result<void> flush_witness() {
    if (!witness_ || !watch_->ended() || breaker_->report().end_ns == 0) return ok();
    auto flushed = witness_->flush_if_kept(site_.file(), record_, "witness");
    if (!flushed) return flushed.error();
    if (*flushed) drain();
    return ok();
  }

  Result<void> hold() {
    if (disturber_kind_.pin_in_breaker) return note_breakers_pin();
    if (pin_kind_.late) breaker_->leave_cpu(Pin::late_cpu);
    pin_ = pin_kind_.make();
    pin_begin_ns_ = record_.stamp(EventKind::pin_begin);
    if (auto held = pin_->hold({.memory = pinned_, .gate = setup_.gate}); !held) {
      record_.stamp(EventKind::pin_refused, held.error().number, held.error().doing);
      if (held.error().number == ENOSYS)
        timeline_.skip = cell_.pin + " is not known to this kernel: " + held.error().message();
      // Some schemes refuse pins that others grant: that is theirs to show, not harness trouble.
      return after_refusal(ungranted_, held.error());
    }
    if (pin_kind_.transient) {
      record_.stamp(EventKind::pin_held, 0, "now and again");
      return ok();
    }
    auto seen = page_.await(*pin_, memory_.file_page, setup_.patience);
    return seen ? seen : refused_later(ungranted_, seen.error());
  }

  /// The breaker took it before it reported that it was ready.
  Result<void> note_breakers_pin() {
    auto frame = site_.file().frame(layout_.page);
    if (!frame) return frame.error();
    page_.watch(*frame);
    record_.stamp(EventKind::pin_held, 0, "by the breaker itself");
    return page_.take(moment::pinned);
  }

  /// Several holds become one: what is left must do as well.
  Result<void> loosen() {
    if (!pin_) return ok();
    if (auto done = pin_->loosen(); !done) return done;
    if (!page_.countable()) return ok();
    auto now = page_.read();
    if (!now) return now.error();
    record_.stamp(EventKind::loosened, now->refcount);
    return ok();
  }

  Result<void> disturb(const std::function<Result<void>(Scene&)>& what, std::string_view when) {
    if (!what) return ok();
    record_.stamp(EventKind::disturb_begin, 0, when);
    scene_.breaker = breaker_->pid();
    auto done = what(scene_);
    record_.stamp(EventKind::disturb_end, done ? 0 : done.error().number, when);
    return done;
  }

  Result<void> start_break() {
    if (breaker_kind_.last_reference) {
      // The breaker's is to be the last: neither a mapping nor a descriptor may outlast it.
      if (auto unmapped = mapping_.unmap(); !unmapped) return unmapped;
      site_.close();
    }
    cpu_before_ = breaker_->cpu_ns().value_or(0);  // of the fork
    break_from_ns_ = now_ns();
    return breaker_->go();
  }

  void wait_for_sleep_or_return() {
    const Deadline deadline(stretched(asleep_limit, setup_.patience));
    while (!deadline.passed()) {
      if (breaker_->wait(poll_step)) return;
      drain();
      asleep_ = setup_.observer != nullptr ? record_.seen(EventKind::sleep, break_from_ns_)
                                           : deadline.passed();
      if (asleep_) return;
    }
    // Without the observer a breaker that has not returned is taken to be asleep; the verdict says
    // that nobody saw it.
    asleep_ = setup_.observer == nullptr;
  }

  /// A pin that comes while the breaker is on its way: once it holds for good it is like any other.
  void await_catch() {
    if (!pin_ || !pin_kind_.late) return;
    const Deadline deadline(stretched(asleep_limit, setup_.patience));
    while (!pin_->caught() && !deadline.passed()) {
      sleep_for(poll_step / 4);
      drain();
    }
    const auto caught = pin_->caught();
    if (!caught || *caught == Pin::came_too_late) return;
    timeline_.transient = false;
    record_.at(*caught, EventKind::pin_held, 1, "when it was unmapped");
    wait_for_sleep_or_return();
  }

  /// What happens while the breaker sleeps and the pin holds.
  Result<void> disturb_sleeper() {
    sleep_for(stretched(settle, setup_.patience));
    if (auto disturbed = disturb(disturber_kind_.during, "during"); !disturbed) return disturbed;
    if (bystander_) {
      if (auto begun = bystander_->begin(); !begun) return begun;
      bystander_->note_if_ended(disturber_kind_.bystander_must_not_wait ? timeline_.deadline
                                                                        : Nanos(settle));
    }
    if (timeline_.ends_breaker) watch_->await_death("after the disturber");
    if (timeline_.interrupts) static_cast<void>(watch_->note_if_ended(timeline_.deadline));
    // Nobody else can release the pin that the breaker itself holds.
    if (disturber_kind_.pin_in_breaker && !watch_->ended()) {
      breaker_->kill();
      watch_->await_death("after the signal");
    }
    return ok();
  }

  /// Whether the breaker succeeded although the pin was not given up yet.
  [[nodiscard]] bool returned_early() const {
    const ActorReport report = breaker_->report();
    return (pin_ || disturber_kind_.pin_in_breaker) && report.end_ns != 0 && report.error == 0;
  }

  /// Whether the block under the pin was given away early: the kind says so, or the file's map.
  Result<bool> gave_block_away() {
    if (!returned_early() || memory_.hole || !memory_.file_page) return false;
    if (breaker_kind_.own_filesystem) return false;  // not to be looked at before it is put right
    if (site_.file().fd() < 0) return timeline_.frees_page;
    auto lost = site_.lost_block();
    if (lost) record_.stamp(EventKind::taken, *lost ? 1 : 0);
    return lost;
  }

  /// A breaker that returned success while the pin holds has given the block away: let another
  /// file have it and mark it, so that the pin's data show whose memory it uses.
  Result<void> steal_freed_block() {
    static_cast<void>(breaker_->wait(Nanos{}));
    auto lost = gave_block_away();
    if (!lost) return lost.error();
    if (!*lost || timed() || pin_kind_.flow == PinFlow::none || memory_.shared_extent) return ok();
    const std::uint64_t freed = site_.emptied() ? layout_.file_size : layout_.broken.length;
    const TrialFile* const partner = site_.partner();
    if (partner != nullptr && partner->fd() >= 0)
      if (auto given = isolation_.mark_in_partner(*partner, site_.pinned_physical());
          !given || *given)
        return given ? ok() : given.error();
    return isolation_.take(setup_.directory, site_.pinned_physical(), freed, setup_.own_filesystem);
  }

  void note_cpu() {
    if (const auto used = breaker_->cpu_ns())
      record_.stamp(EventKind::cpu, *used - cpu_before_, "so far");
  }

  Result<void> release() {
    if (!pin_) return ok();
    if (setup_.observer != nullptr) setup_.observer->thin_out(false);
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
    return !setup_.own_filesystem && gate_shut_ && !timed() && !isolation_.owns_block() &&
           returned_early() && pin_kind_.flow == PinFlow::to_page;
  }

  void checkpoint() {
    drain();
    static_cast<void>(breaker_->wait(Nanos{}));
    watch_->note();
    tell_so_far();
  }

  void tell_so_far() const {
    if (setup_.checkpoint) setup_.checkpoint(timeline_);
  }

  /// Puts right what the breaker changed, once it has ended.
  void restore() {
    if (!breaker_kind_.restore) return;
    if (auto restored = breaker_kind_.restore(site_.target()); !restored)
      note_trouble(restored.error());
  }

  void count_overdue() {
    if (auto taken = page_.take(moment::overdue); !taken) note_trouble(taken.error());
  }

  /// Undoes what disturber changed, once.
  void put_right() {
    if (std::exchange(put_right_, true) || !disturber_kind_.after) return;
    if (auto done = disturber_kind_.after(scene_); !done) note_trouble(done.error());
  }

  /// Lets everything go and counts what is left.
  void settle_down() {
    if (setup_.observer != nullptr) static_cast<void>(setup_.observer->end());
    pin_.reset();
    put_right();
    mapping_.unmap_clone();
    if (auto unmapped = mapping_.unmap(); !unmapped) note_trouble(unmapped.error());
    take_histogram(moment::settled);
    isolation_.return_block();
    tell_so_far();  // the kernel may wait for ever for a page that is still held
    site_.remove();
    take_histogram(moment::removed);
    if (auto noted = note_complaints(setup_.log, record_); !noted) note_trouble(noted.error());
  }

  /// What could not be looked at proves nothing: the trial cannot pass.
  void note_trouble(const Error& error) { timeline_.trouble = error.message(); }

  [[nodiscard]] bool timed() const { return pin_kind_.needs_gate && setup_.gate_timed; }

  void take_histogram(std::string_view when) {
    if (setup_.census == nullptr) return;
    auto census = count_at_rest(*setup_.census, site_.file().frames(), setup_.scheme.idle,
                                timeline_.deadline);
    if (!census) return note_trouble(census.error());
    record_.histogram(*census, when);
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
  const MemoryKind& memory_;
  Layout layout_;
  Recorder record_;
  PinnedPage page_;

  BreakSite site_;
  std::optional<Actor> breaker_;
  std::optional<BreakWatch> watch_;
  std::optional<Bystander> bystander_;
  TrialMapping mapping_;
  std::unique_ptr<Pin> pin_;
  std::optional<Witness> witness_;
  std::span<std::byte> pinned_;
  Scene scene_;
  Isolation isolation_;

  std::int64_t pin_begin_ns_ = 0;
  std::int64_t break_from_ns_ = 0;
  std::int64_t cpu_before_ = 0;
  bool gate_shut_ = false;
  const UngrantedPin ungranted_{pin_kind_,   pin_,
                                setup_.gate, gate_shut_,
                                record_,     !pin_kind_.must_be_refused && memory_.file_page};
  bool asleep_ = false;
  bool put_right_ = false;
};

}  // namespace

Result<void> run_file_trial(const Cell& cell, const TrialSetup& setup, Timeline& timeline) {
  return FileTrial(cell, setup, timeline).run();
}

}  // namespace daxbreak
