// SPDX-License-Identifier: GPL-2.0
#include "run/measure_child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <thread>

#include "base/file.h"
#include "kernel/storm_watch_shared.h"
#include "pmem/mapping.h"
#include "trial/cell.h"
#include "workloads/storm/steps.h"
#include "workloads/storm/storm.h"
#include "workloads/storm/truce.h"

namespace daxbreak {
namespace {

/// What the observer has seen of a breaker, put into series and numbers break by break.
class BreakStamps {
 public:
  /// The intervals come as series behind the load's own. Those that begin at a put or a wake
  /// are there if those are seen (`wakes`).
  BreakStamps(const storm_stamp& stamp, bool wakes, ThreadBoard& board)
      : stamp_(stamp), board_(board), first_(board.series_count) {
    constexpr std::array names{"run-to-return", "last-put-to-wake", "wake-to-run",
                               "last-put-to-return"};
    for (const char* const name : std::span(names).first(wakes ? names.size() : 1))
      if (board.series_count < ThreadBoard::most_series)
        board.series[board.series_count++].name.set(name);
  }

  /// A break has returned. What came before the clock ran is not counted.
  void returned(std::int64_t begin_ns, std::int64_t end_ns, bool counts) noexcept {
    const storm_stamp now = stamp_;
    if (counts) {
      scans_ += now.scans - seen_.scans;
      sleeps_ += now.sleeps - seen_.sleeps;
      spurious_ += now.spurious - seen_.spurious;
      wakes_ += now.wakes - seen_.wakes;
      waiters_ += now.waiters - seen_.waiters;
      if (now.run_ns != seen_.run_ns) add(now, begin_ns, end_ns);
    }
    seen_ = now;
  }

  void tell() {
    tell("scans", scans_);
    tell("sleeps", sleeps_);
    tell("spurious wakeups", spurious_);
    tell("wakes", wakes_);
    tell("waiters", waiters_);
  }

 private:
  void add(const storm_stamp& now, std::int64_t begin_ns, std::int64_t end_ns) noexcept {
    const auto put = static_cast<std::int64_t>(now.put_ns);
    const auto wake = static_cast<std::int64_t>(now.wake_ns);
    const auto run = static_cast<std::int64_t>(now.run_ns);
    const bool seen = wake != 0;
    if (run < begin_ns || end_ns < run || (seen && (wake < begin_ns || run < wake))) return;
    take(0, end_ns - run);
    if (!seen) return;
    take(2, run - wake);
    if (put < begin_ns || wake < put) return;
    take(1, wake - put);
    take(3, end_ns - put);
  }
  void take(std::size_t series, std::int64_t ns) noexcept {
    if (first_ + series < board_.series_count) board_.series[first_ + series].latency.add(ns);
  }
  void tell(std::string_view name, std::uint64_t value) {
    if (board_.number_count == ThreadBoard::most_numbers) return;
    board_.numbers[board_.number_count].name.set(name);
    board_.numbers[board_.number_count++].value = static_cast<double>(value);
  }

  const storm_stamp& stamp_;
  ThreadBoard& board_;
  std::size_t first_;
  storm_stamp seen_{};
  std::uint64_t scans_ = 0;
  std::uint64_t sleeps_ = 0;
  std::uint64_t spurious_ = 0;
  std::uint64_t wakes_ = 0;
  std::uint64_t waiters_ = 0;
};

/// Counts into the board while the clock runs.
class BoardMeter final : public LoadMeter {
 public:
  BoardMeter(ThreadBoard& board, const std::atomic<Phase>& phase)
      : board_(board), phase_(phase), own_series_(board.series_count) {}

  void watch(BreakStamps* stamps) { stamps_ = stamps; }

  void add(unsigned series, std::int64_t ns, std::uint64_t bytes) noexcept override {
    const bool counts = phase_.load(std::memory_order_relaxed) == Phase::measure;
    if (series == 0 && stamps_ != nullptr) {
      const std::int64_t end = now_ns();
      stamps_->returned(end - ns, end, counts);
    }
    if (!counts || series >= own_series_) return;
    SeriesBoard& one = board_.series[series];
    one.bytes += bytes;
    one.latency.add(ns);
    if (series == 0) ++counted_;
  }

  void returned(int error) noexcept override {
    board_.last.store(error, std::memory_order_relaxed);
    board_.calls.store(board_.calls.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  void forget() noexcept override {
    if (stamps_ != nullptr) stamps_->returned(0, 0, false);
  }

  /// Operations of the first series.
  [[nodiscard]] std::uint64_t counted() const { return counted_; }

 private:
  ThreadBoard& board_;
  const std::atomic<Phase>& phase_;
  std::uint32_t own_series_;
  BreakStamps* stamps_ = nullptr;
  std::uint64_t counted_ = 0;
};

std::unique_ptr<Load> make_load(const Worker& worker) {
  if (worker.pins) {
    const StormPinKind* const kind = StormPinRegistry::find(worker.kind);
    return kind == nullptr ? nullptr : kind->make();
  }
  if (worker.breaks) {
    const StormBreakKind* const kind = StormBreakRegistry::find(worker.kind);
    return kind == nullptr ? nullptr : kind->make();
  }
  const LoadKind* const kind = LoadRegistry::find(worker.kind);
  return kind == nullptr ? nullptr : kind->make();
}

/// What the threads of a storm share of each file.
struct SharedFile {
  std::optional<FileMapping> mapping;
  Fd marks;
};

class Workers {
 public:
  Workers(const MeasurePoint& point, const WorkerSetup& setup, const MeasureBoard& board)
      : point_(point), setup_(setup), board_(board), workers_(workers_of(point)) {}

  void run() {
    if (auto ready = share(); !ready) {
      for (std::size_t number = 0; number < workers_.size(); ++number)
        fail(board_.thread(number), ready.error());
      return;
    }
    std::vector<std::jthread> threads;
    threads.reserve(workers_.size());
    for (std::size_t number = 0; number < workers_.size(); ++number)
      threads.emplace_back([this, number] { work(number); });
  }

 private:
  static void fail(ThreadBoard& board, const Error& error) {
    board.trouble.set(error.message());
    board.state.store(ThreadState::failed);
  }

  /// Maps each file once, for all threads of a storm. Plain loads map for themselves.
  Result<void> share() {
    if (point_.load != storm_name) return ok();
    shared_.resize(point_.files);
    truces_.resize(point_.files);
    for (std::size_t number = 0; number < shared_.size(); ++number) {
      auto fd = open_file(setup_.files->path(number), O_RDWR);
      if (!fd) return fd.error();
      // The whole file, of which only the mapped part is ever touched.
      auto mapping = FileMapping::map(fd->get(), point_.page_size);
      if (!mapping) return mapping.error();
      shared_[number].mapping.emplace(std::move(*mapping));
      auto marks = setup_.files->marks(number);
      if (!marks) return marks.error();
      shared_[number].marks = std::move(*marks);
      // All pages are there when the clock starts.
      const volatile std::byte* const memory = shared_[number].mapping->data();
      for (std::uint64_t at = 0; at < point_.mapped_bytes(); at += point_.page_size)
        static_cast<void>(memory[at]);
      if (auto huge = check_huge(*shared_[number].mapping); !huge) return huge;
    }
    return ok();
  }

  /// A wish for pages of 2 MiB is one that the kernel may not grant.
  Result<void> check_huge(const FileMapping& mapping) const {
    if (point_.page_size != huge_page) return ok();
    for (std::uint64_t at = 0; at < point_.mapped_bytes(); at += huge_page) {
      auto huge = mapped_by_pmd(mapping.data() + at);
      if (!huge) return huge.error();
      if (!*huge)
        return Error{
            fmt::format("the file is not mapped by 2 MiB at {:#x} (no extent that is "
                        "aligned to 2 MiB?)",
                        at)};
    }
    return ok();
  }

  [[nodiscard]] LoadPlace place_of(const Worker& worker) {
    LoadPlace place{
        .folder = setup_.directory.path.string(),
        .size = point_.size,
        .page_size = point_.page_size,
        .block_size = point_.block_size,
        .depth = static_cast<unsigned>(point_.iodepth),
        .thread = worker.number,
        .threads = worker.of,
        .seed = point_.seed + (worker.breaks ? 1000 : 0),
        .random = point_.random != 0,
        .device = setup_.device,
        .device_size = setup_.device_size,
        .think_ns = static_cast<std::int64_t>(worker.pins ? point_.pin_think_ns : point_.think_ns),
        .mapped = point_.mapped_bytes(),
        .kept = kept_bytes(point_),
        .hold_ns = static_cast<std::int64_t>(point_.hold_ns),
        .pins = static_cast<unsigned>(point_.pins_per_page)};
    if (setup_.files == nullptr) {
      place.path = setup_.directory.path.string();
      place.folder.clear();
      return place;
    }
    // Every kind on every file, where there are as many threads.
    const std::size_t kinds = worker.pins     ? point_.pins.size()
                              : worker.breaks ? point_.breakers.size()
                                              : 1;
    const std::size_t file = worker.number / kinds % setup_.files->count();
    place.path = setup_.files->path(file);
    if (point_.load != storm_name) return place;
    place.memory = shared_[file].mapping->data();
    place.marks = shared_[file].marks.get();
    if (point_.refault == 0) place.truce = &truces_[file];
    return place;
  }

  void work(std::size_t number) {
    const Worker& worker = workers_[number];
    ThreadBoard& board = board_.thread(number);
    board.breaks = worker.breaks;
    board.kind.set(worker.kind);
    board.tid.store(::gettid());
    const std::unique_ptr<Load> load = make_load(worker);
    if (!load) return fail(board, Error{"there is no load named " + worker.kind});
    for (const LoadSeries& series : load->series()) {
      if (board.series_count == ThreadBoard::most_series) break;
      SeriesBoard& one = board.series[board.series_count++];
      one.name.set(series.name);
      one.direction = series.direction;
    }
    BoardMeter meter(board, board_.phase_word());
    std::optional<BreakStamps> stamps;
    if (worker.breaks && setup_.watch != nullptr) {
      stamps.emplace(setup_.watch->stamp(number), setup_.watch->sees_wakes(), board);
      meter.watch(&*stamps);
    }
    if (auto ready = load->prepare(place_of(worker)); !ready) return fail(board, ready.error());
    board.state.store(ThreadState::ready);
    board_.wait_while(Phase::prepare);
    board.state.store(ThreadState::running);
    const int error = turn(*load, worker, board, meter);
    load->finish();
    if (stamps) stamps->tell();
    for (const LoadNumber& one : load->numbers()) {
      if (board.number_count == ThreadBoard::most_numbers) break;
      board.numbers[board.number_count].name.set(one.name);
      board.numbers[board.number_count++].value = one.value;
    }
    if (error != 0)
      fail(board, Error{"an operation of " + worker.kind, error});
    else
      board.state.store(ThreadState::done);
  }

  /// Steps until the board says stop, or enough was counted. 0 or errno.
  int turn(Load& load, const Worker& worker, ThreadBoard& board, BoardMeter& meter) const noexcept {
    const std::atomic<Phase>& phase = board_.phase_word();
    const std::uint64_t rate = worker.pins ? 0 : point_.rate_iops;
    constexpr std::int64_t second = 1000000000;
    const std::int64_t interval = rate == 0 ? 0 : second / static_cast<std::int64_t>(rate);
    std::int64_t next = interval == 0 ? 0 : now_ns();
    for (;;) {
      const Phase now = phase.load(std::memory_order_relaxed);
      if (now == Phase::stop) return 0;
      if (now == Phase::calm) {
        load.rest();
        board.state.store(ThreadState::resting);
        board_.wait_while(Phase::calm);
        board.state.store(ThreadState::running);
        continue;
      }
      const int error = load.step(meter);
      board.steps.store(board.steps.load(std::memory_order_relaxed) + 1, std::memory_order_release);
      // EINTR: the watchdog's poke.
      if (error != 0 && error != EINTR) return error;
      if (point_.loops != 0 && meter.counted() >= point_.loops) {
        board.ended.store(now_ns());
        return 0;
      }
      if (interval != 0) {
        next += interval;
        think(next - now_ns());
      }
    }
  }

  const MeasurePoint& point_;
  const WorkerSetup& setup_;
  const MeasureBoard& board_;
  std::vector<Worker> workers_;
  std::vector<SharedFile> shared_;
  std::deque<Truce> truces_;  // one for each file
};

}  // namespace

std::vector<Worker> workers_of(const MeasurePoint& point) {
  std::vector<Worker> workers;
  if (point.load != storm_name) {
    for (unsigned number = 0; number < point.numjobs; ++number)
      workers.push_back(
          {.kind = point.load, .number = number, .of = static_cast<unsigned>(point.numjobs)});
    return workers;
  }
  for (unsigned number = 0; number < point.pinner_count; ++number)
    workers.push_back({.kind = point.pins[number % point.pins.size()],
                       .pins = true,
                       .number = number,
                       .of = static_cast<unsigned>(point.pinner_count)});
  for (unsigned number = 0; number < point.breaker_count; ++number)
    workers.push_back({.kind = point.breakers[number % point.breakers.size()],
                       .breaks = true,
                       .number = number,
                       .of = static_cast<unsigned>(point.breaker_count)});
  return workers;
}

void be_workers(const MeasurePoint& point, const WorkerSetup& setup, const MeasureBoard& board) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The watchdog's poke: without SA_RESTART an interruptible wait ends in EINTR.
  struct sigaction poke {};
  poke.sa_handler = [](int) {};
  ::sigaction(SIGUSR1, &poke, nullptr);
  Workers(point, setup, board).run();
  ::_exit(0);
}

}  // namespace daxbreak
