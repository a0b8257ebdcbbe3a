// SPDX-License-Identifier: GPL-2.0
#include "lab/scheduler.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/file.h"

namespace daxbreak {
namespace {

/// A machine that joins costs a boot and two mkfs: not worth it for fewer cells than this.
constexpr std::size_t worth_joining = 60;

/// `events` made safe to call from several threads, and `environment` called once per kernel.
LabEvents one_at_a_time(const LabEvents& events, std::mutex& mutex,
                        std::set<std::string>& announced) {
  LabEvents safe;
  const auto guard = [&mutex](const auto& function) {
    return [&mutex, &function](const auto&... values) {
      const std::scoped_lock lock(mutex);
      function(values...);
    };
  };
  if (events.note) safe.note = guard(events.note);
  if (events.stage) safe.stage = guard(events.stage);
  if (events.trial_begin) safe.trial_begin = guard(events.trial_begin);
  if (events.trial_end) safe.trial_end = guard(events.trial_end);
  if (events.measure) safe.measure = guard(events.measure);
  if (events.census) safe.census = guard(events.census);
  if (events.incident) safe.incident = guard(events.incident);
  if (events.environment)
    safe.environment = [&events, &mutex, &announced](const Environment& environment) {
      const std::scoped_lock lock(mutex);
      if (announced.insert(environment.kernel).second) events.environment(environment);
    };
  return safe;
}

/// The kernels, their queues and results, and who works on what.
class Board {
 public:
  Board(const std::vector<KernelWork>& work, unsigned machines) : machines_(machines) {
    for (const auto& kernel : work) {
      auto lane = std::make_unique<Lane>(kernel);
      lane->spec.may_join = [this] { return idle_hands(); };
      const auto& plan = lane->spec.plan;
      lane->spec.census_only = lane->cells == 0 && (plan.whole_census || plan.census_states);
      lanes_.push_back(std::move(lane));
    }
    order_.resize(lanes_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(), [this](std::size_t left, std::size_t right) {
      return lanes_[left]->queue.work() > lanes_[right]->queue.work();
    });
  }

  /// One machine's life: a kernel nobody has begun, else one that can use help; until none is left.
  void work(const LabEvents& events, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto chosen = choose();
      if (!chosen) return;
      auto result = run_session(chosen->spec, chosen->lane->queue, events, stop);
      const std::scoped_lock lock(mutex_);
      chosen->lane->results.push_back(std::move(result));
    }
  }

  RunRecord merged() {
    RunRecord run;
    for (auto& lane : lanes_)
      merge(*lane, run);
    return run;
  }

 private:
  struct Lane {
    explicit Lane(const KernelWork& kernel)
        : spec(kernel.spec), queue(kernel.cells), cells(kernel.cells.size()) {}
    SessionSpec spec;
    CellQueue queue;
    std::size_t cells;
    bool begun = false;
    std::vector<SessionResult> results;
  };

  /// True if a machine has, or will have, no kernel of its own to run. Asked by sessions.
  bool idle_hands() {
    const std::scoped_lock lock(mutex_);
    return machines_ > 1 &&
           std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->begun; });
  }

  /// What a machine does next.
  struct Choice {
    Lane* lane;
    SessionSpec spec;
  };

  std::optional<Choice> choose() {
    const std::scoped_lock lock(mutex_);
    for (const auto at : order_) {
      auto& lane = *lanes_[at];
      if (std::exchange(lane.begun, true)) continue;
      if (lane.cells > 0 || lane.spec.census_only) return Choice{&lane, lane.spec};
    }
    const auto fullest =
        std::max_element(order_.begin(), order_.end(), [this](std::size_t left, std::size_t right) {
          return lanes_[left]->queue.work() < lanes_[right]->queue.work();
        });
    if (fullest == order_.end() || lanes_[*fullest]->queue.work() < worth_joining)
      return std::nullopt;
    // The one that came first measures the states.
    Choice help{lanes_[*fullest].get(), lanes_[*fullest]->spec};
    help.spec.plan.census_states = false;
    return help;
  }

  static void merge(Lane& lane, RunRecord& run) {
    const auto first_trial = run.trials.size();
    std::optional<Environment> environment;
    for (auto& result : lane.results) {
      if (!environment) environment = std::move(result.environment);
      std::move(result.trials.begin(), result.trials.end(), std::back_inserter(run.trials));
      std::move(result.measures.begin(), result.measures.end(), std::back_inserter(run.measures));
      std::move(result.censuses.begin(), result.censuses.end(), std::back_inserter(run.censuses));
      std::move(result.incidents.begin(), result.incidents.end(),
                std::back_inserter(run.incidents));
      for (const auto& [phase, seconds] : result.phases)
        run.phases[phase] += seconds;
    }
    if (!environment)  // never came so far as to tell
      environment = Environment{.kernel = lane.spec.image.name,
                                .release = lane.spec.image.release,
                                .version = lane.spec.image.version,
                                .origin = lane.spec.image.origin,
                                .accelerator = lane.spec.accelerator,
                                .observer = "the kernel was not brought to a trial"};
    run.environments.push_back(*std::move(environment));
    std::stable_sort(
        run.trials.begin() + static_cast<std::ptrdiff_t>(first_trial), run.trials.end(),
        [](const TrialRecord& left, const TrialRecord& right) { return left.index < right.index; });
  }

  unsigned machines_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::size_t> order_;  ///< lanes, most cells first
};

}  // namespace

HostCapacity host_capacity() {
  HostCapacity host;
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0)
    host.cores = static_cast<unsigned>(std::max(1, CPU_COUNT(&allowed)));
  const auto text = read_file("/proc/meminfo");
  constexpr std::string_view key = "MemAvailable:";
  const auto at = text ? text->find(key) : std::string::npos;
  if (at != std::string::npos) {
    const auto digits = text->find_first_of("0123456789", at);
    std::from_chars(text->data() + digits, text->data() + text->size(), host.memory);
    host.memory *= 1024;
  }
  return host;
}

Result<unsigned> machines_at_once(unsigned wanted, std::size_t useful, const MachineSize& size,
                                  const HostCapacity& host) {
  constexpr std::uint64_t mib = 1UL << 20;
  const auto carried = host.memory / size.host_memory();
  if (carried == 0)
    return Error{
        fmt::format("a virtual machine may need {} MiB and {} MiB are available: take fewer or "
                    "smaller NVDIMMs, "
                    "or back them by files",
                    size.host_memory() / mib, host.memory / mib)};
  const std::uint64_t asked = wanted > 0 ? wanted : host.cores;
  return static_cast<unsigned>(
      std::max<std::uint64_t>(1, std::min({asked, carried, static_cast<std::uint64_t>(useful)})));
}

RunRecord run_kernels(const std::vector<KernelWork>& work, unsigned machines,
                      const LabEvents& events, const std::stop_token& stop) {
  const auto began = now_ns();
  std::mutex speaking;
  std::set<std::string> announced;
  const auto safe = one_at_a_time(events, speaking, announced);
  Board board(work, machines);
  {
    std::vector<std::jthread> threads;
    for (unsigned at = 0; at < machines; ++at)
      threads.emplace_back([&board, &safe, stop] { board.work(safe, stop); });
  }
  auto run = board.merged();
  run.seconds = std::chrono::duration<double>(Nanos(now_ns() - began)).count();
  if (stop.stop_requested()) {
    std::size_t cells = 0;
    for (const auto& kernel : work)
      cells += kernel.cells.size();
    run.incidents.push_back(
        {.what = "stopped",
         .sentence = fmt::format("interrupted: {} of {} cells were not run",
                                 cells - std::min(cells, run.trials.size()), cells)});
  }
  return run;
}

}  // namespace daxbreak
