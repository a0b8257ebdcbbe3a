// SPDX-License-Identifier: GPL-2.0
#include "run/load_clock.h"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace daxbreak {
namespace {

/// Adds to series that exist already.
class SeriesMeter final : public LoadMeter {
 public:
  explicit SeriesMeter(std::span<const LoadSeries> names) {
    for (const LoadSeries& name : names)
      series_.push_back({.name = std::string(name.name), .direction = name.direction});
  }

  void add(unsigned series, std::int64_t ns, std::uint64_t bytes) noexcept override {
    series_[series].latency.add(ns);
    series_[series].bytes += bytes;
  }

  [[nodiscard]] std::vector<MeasuredSeries> take() { return std::move(series_); }

 private:
  std::vector<MeasuredSeries> series_;
};

enum class Phase { warmup, measured, over };

/// Tells the stepping thread in which phase it is, so that it need not ask a clock for it.
class PhaseClock {
 public:
  PhaseClock(Nanos warmup, Nanos runtime, const std::stop_token& outer)
      : thread_([this, warmup, runtime, outer](const std::stop_token& own) {
          const std::stop_callback stopped(outer, [this] { asleep_.notify_all(); });
          const auto pass = [&](Nanos span) {
            std::unique_lock lock(mutex_);
            asleep_.wait_for(lock, own, span, [&] { return outer.stop_requested(); });
          };
          pass(warmup);
          phase_.store(Phase::measured, std::memory_order_relaxed);
          pass(runtime);
          phase_.store(Phase::over, std::memory_order_relaxed);
        }) {}

  [[nodiscard]] bool in(Phase phase) const {
    return phase_.load(std::memory_order_relaxed) == phase;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any asleep_;
  std::atomic<Phase> phase_{Phase::warmup};
  std::jthread thread_;  // the first to end: it uses the others
};

}  // namespace

Result<LoadRun> run_load(const LoadKind& kind, const LoadPlace& place, Nanos warmup, Nanos runtime,
                         const std::stop_token& stop) {
  const auto load = kind.make();
  if (auto prepared = load->prepare(place); !prepared)
    return Error{fmt::format("{}: {}", kind.name, prepared.error().doing), prepared.error().number};
  SeriesMeter early(load->series());
  SeriesMeter meter(load->series());
  const PhaseClock clock(warmup, runtime, stop);
  int error = 0;
  while (error == 0 && clock.in(Phase::warmup))
    error = load->step(early);
  const std::int64_t begin = now_ns();
  while (error == 0 && clock.in(Phase::measured))
    error = load->step(meter);
  const std::int64_t end = now_ns();
  load->finish();
  if (error != 0) return Error{fmt::format("{}: an operation", kind.name), error};
  if (stop.stop_requested()) return Error{"stopped", ECANCELED};
  return LoadRun{.seconds = static_cast<double>(end - begin) / 1e9, .series = meter.take()};
}

}  // namespace daxbreak
