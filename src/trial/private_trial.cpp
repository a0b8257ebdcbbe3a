// SPDX-License-Identifier: GPL-2.0
#include "trial/private_trial.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "pmem/mapping.h"
#include "pmem/private_device.h"
#include "trial/actor.h"
#include "trial/aftermath.h"
#include "trial/break_watch.h"
#include "trial/recorder.h"
#include "trial/spans.h"
#include "workloads/breaker/breaker.h"
#include "workloads/breaker/private_memory.h"
#include "workloads/disturber/disturber.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

using namespace span;

constexpr std::chrono::seconds storm_length{2};
constexpr std::chrono::seconds end_limit{1};  ///< a storm's last rounds, or any other break
constexpr std::chrono::microseconds lingering{300};

/// What the owner's process tells the trial.
class SharedReport {
 public:
  [[nodiscard]] static Result<SharedReport> make() {
    void* const page = ::mmap(nullptr, sizeof(PrivateReport), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return errno_error("map memory shared with the owner of the pages");
    return SharedReport(new (page) PrivateReport);
  }
  SharedReport(SharedReport&& other) noexcept : report_(std::exchange(other.report_, nullptr)) {}
  SharedReport& operator=(SharedReport&&) = delete;
  ~SharedReport() {
    if (report_ != nullptr) ::munmap(report_, sizeof(PrivateReport));
  }
  [[nodiscard]] PrivateReport* get() const { return report_; }

 private:
  explicit SharedReport(PrivateReport* report) : report_(report) {}
  PrivateReport* report_;
};

/// In the owner's process: makes the pages, opens the driver and has the pin's kind move the pages
/// to it. What cannot be had is an errno; what the driver refuses is in the report.
int make_private(BreakTarget& target, const PinKind& kind, PrivateReport* report,
                 std::uint32_t seed, DeviceMemory memory_kind) {
  const std::size_t length = kind.pages * small_page;
  void* const pages =
      ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return errno;
  ::madvise(pages, length, MADV_NOHUGEPAGE);
  auto mirror = PrivateMirror::open(target.device);
  if (!mirror) return mirror.error().number != 0 ? mirror.error().number : EIO;
  const std::span memory(static_cast<std::byte*>(pages), length);
  // The driver stays open until the process ends.
  PrivateMemory all{.pages = memory,
                    .kind = memory_kind,
                    .device = mirror->give_away(),
                    .seed = seed,
                    .report = report,
                    .storm = storm_length};
  fill_private(memory, seed);
  const auto pin = kind.make();
  if (auto held = pin->hold({.memory = memory, .gate = nullptr, .device = all.device}); !held)
    report->refused = held.error().number;
  auto frames = private_frames(memory);
  if (!frames) return frames.error().number != 0 ? frames.error().number : EIO;
  for (const auto& frame : *frames)
    if (frame) report->frames[report->pages++] = *frame;
  target.state = all;
  return 0;
}

/// One trial in progress. Members in the order in which they come to be; destroyed in reverse.
class PrivateTrial {
 public:
  PrivateTrial(const Cell& cell, const TrialSetup& setup, Timeline& timeline)
      : setup_(setup),
        timeline_(timeline),
        pin_kind_(*PinRegistry::find(cell.pin)),
        breaker_kind_(*BreakerRegistry::find(cell.breaker)),
        disturber_kind_(*DisturberRegistry::find(cell.disturber)),
        memory_kind_(device_memory_of(cell.filesystem)),
        record_(timeline) {}

  Result<void> run() {
    timeline_.device_memory = true;
    timeline_.deadline = stretched(end_limit, setup_.patience) + storm_length;
    timeline_.frees_page = false;
    timeline_.pin_flow = "none";
    timeline_.refusable = breaker_kind_.may_be_refused;
    timeline_.pinned_pages = static_cast<int>(pin_kind_.pages);
    if (!setup_.directory.missing.empty()) {
      timeline_.skip = setup_.directory.missing;
      return ok();
    }
    if (disturber_kind_.device_memory && setup_.private_watch != nullptr &&
        !setup_.private_watch->can_linger()) {
      timeline_.skip =
          "this kernel lets nobody probe lib/test_hmm.c (CONFIG_KPROBE_EVENTS_ON_NOTRACE)";
      return ok();
    }
    if (pin_kind_.pages > PrivateReport::most_pages)
      return Error{
          fmt::format("{} is of more than {} pages", pin_kind_.name, PrivateReport::most_pages)};
    if (setup_.log != nullptr)
      if (auto marked = setup_.log->mark(); !marked) return marked;
    auto frames = private_device_frames(memory_kind_);
    if (!frames) return frames.error();
    frames_ = std::move(*frames);
    note_gaps();
    begin_watch();
    auto done = break_it();
    end_watch();
    settle_down();
    return done;
  }

 private:
  void note_gaps() {
    if (setup_.census == nullptr || setup_.log == nullptr)
      timeline_.observer_gap = setup_.observer_gap;
    else if (setup_.private_watch == nullptr)
      timeline_.observer_gap = setup_.private_gap;
  }

  void begin_watch() {
    if (setup_.private_watch == nullptr || setup_.census == nullptr) return;
    Pfn first = frames_.front().first;
    Pfn end = 0;
    for (const PfnRange& range : frames_) {
      first = std::min(first, range.first);
      end = std::max(end, range.first + range.count);
    }
    setup_.private_watch->begin(setup_.census->page_address(first),
                                setup_.census->page_address(end),
                                disturber_kind_.device_memory ? Nanos(lingering) : Nanos{});
  }

  Result<void> break_it() {
    auto shared = SharedReport::make();
    if (!shared) return shared.error();
    shared_.emplace(std::move(*shared));
    PrivateReport* const report = shared_->get();
    BreakTarget target{.fd = -1, .device = setup_.directory.path.string(), .state = {}};
    record_.stamp(EventKind::pin_begin);
    auto owner = Actor::fork(
        {.arm = [kind = &pin_kind_, report, seed = setup_.serial, of = memory_kind_](
                    BreakTarget& made) { return make_private(made, *kind, report, seed, of); },
         .run = breaker_kind_.run,
         .ends_process = breaker_kind_.ends_process},
        target);
    if (!owner) return owner.error();
    owner_.emplace(std::move(*owner));
    watch_.emplace(*owner_, record_, timeline_.deadline, BreakHooks{});
    if (report->refused != 0)
      record_.stamp(EventKind::pin_refused, report->refused, "move the pages to the device");
    else
      record_.stamp(EventKind::pin_held, 0, "by the device");
    record_.stamp(EventKind::noted, static_cast<std::int64_t>(report->pages), noted::on_device);
    if (auto counted = count_migrated(*report); !counted) return counted;
    if (setup_.checkpoint) setup_.checkpoint(timeline_);
    if (auto begun = owner_->go(); !begun) return begun;
    watch_->await_end();
    note_report(*report);
    if (setup_.checkpoint) setup_.checkpoint(timeline_);
    return ok();
  }

  Result<void> count_migrated(const PrivateReport& report) {
    if (setup_.census == nullptr) return ok();
    Census found;
    const std::vector<Pfn> pages(report.frames.begin(),
                                 report.frames.begin() + static_cast<std::ptrdiff_t>(report.pages));
    if (pages.empty()) return ok();
    auto counts = setup_.census->read(pages);
    if (!counts) return counts.error();
    for (const PageCounts& page : *counts)
      ++found[page.refcount];
    record_.histogram(found, moment::migrated);
    return ok();
  }

  void note_report(const PrivateReport& report) {
    const auto note = [this](std::uint64_t number, std::string_view of) {
      record_.stamp(EventKind::noted, static_cast<std::int64_t>(number), of);
    };
    note(report.compared, noted::compared);
    note(report.wrong, noted::wrong);
    if (report.rounds != 0) note(report.rounds, noted::rounds);
    if (report.held_moved != 0) note(report.held_moved, noted::held_moved);
    if (report.held_unsaid != 0) note(report.held_unsaid, noted::held_unsaid);
    if (report.held_stayed != 0) note(report.held_stayed, noted::held_stayed);
    if (report.held_freed != 0) note(report.held_freed, noted::held_freed);
    if (report.strayed != 0) note(report.strayed, noted::strayed);
    if (report.longterm_there != 0) note(report.longterm_there, noted::longterm_there);
  }

  void end_watch() {
    if (setup_.private_watch == nullptr) return;
    owner_.reset();  // the last pages come back when the process is gone
    const PrivateCounts seen = setup_.private_watch->end();
    record_.histogram(seen.handed_out, moment::handed_out);
    record_.histogram(seen.filled, moment::filled);
    record_.histogram(seen.freed, moment::freed);
  }

  void settle_down() {
    if (setup_.census != nullptr) {
      // At rest the driver has all its pages.
      auto census =
          count_at_rest(*setup_.census, frames_, setup_.scheme.private_idle, timeline_.deadline);
      if (census)
        record_.histogram(*census, moment::settled);
      else
        timeline_.trouble = census.error().message();
    }
    if (auto noted = note_complaints(setup_.log, record_); !noted)
      timeline_.trouble = noted.error().message();
  }

  const TrialSetup& setup_;
  Timeline& timeline_;
  const PinKind& pin_kind_;
  const BreakerKind& breaker_kind_;
  const DisturberKind& disturber_kind_;
  const DeviceMemory memory_kind_;
  Recorder record_;
  std::vector<PfnRange> frames_;
  std::optional<SharedReport> shared_;
  std::optional<Actor> owner_;
  std::optional<BreakWatch> watch_;
};

}  // namespace

Result<void> run_private_trial(const Cell& cell, const TrialSetup& setup, Timeline& timeline) {
  return PrivateTrial(cell, setup, timeline).run();
}

}  // namespace daxbreak
