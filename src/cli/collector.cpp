// SPDX-License-Identifier: GPL-2.0
#include "cli/collector.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/file.h"
#include "cli/stdio_style.h"
#include "report/progress.h"
#include "result/event_log.h"

namespace daxbreak {

struct Collector::State {
  std::mutex mutex;
  std::optional<EventLog> log;
  std::optional<Error> trouble;      ///< the first error of writing
  std::optional<Progress> progress;  ///< none where nothing is to be said
  ProgressState at;
  std::int64_t begun = now_ns();
  std::optional<std::int64_t> first_trial;

  static double seconds(std::int64_t from) { return static_cast<double>(now_ns() - from) / 1e9; }

  KernelProgress& of(const std::string& kernel) {
    const auto found =
        std::find_if(at.kernels.begin(), at.kernels.end(),
                     [&](const KernelProgress& one) { return one.kernel == kernel; });
    if (found != at.kernels.end()) return *found;
    at.kernels.emplace_back().kernel = kernel;
    return at.kernels.back();
  }

  void update() {
    at.elapsed = seconds(begun);
    at.testing = first_trial ? seconds(*first_trial) : 0;
    if (progress) progress->update(at, at.elapsed);
  }

  void note(const std::string& sentence) {
    if (progress) progress->note(sentence);
  }

  void append(const Json& line) {
    if (!log || trouble) return;
    if (auto done = log->append(line); !done) {
      trouble = done.error();
      note(trouble->message() + "; the event stream ends here, the run goes on");
    }
  }
};

Collector::Collector(std::unique_ptr<State> state) : state_(std::move(state)) {}
Collector::Collector(Collector&&) noexcept = default;
Collector& Collector::operator=(Collector&&) noexcept = default;

Collector::~Collector() {
  if (state_ && state_->progress) state_->progress->finish();
}

Result<Collector> Collector::open(const std::string& events, const std::string& command,
                                  const std::string& started, const PlanRecord& plan, bool quiet) {
  auto state = std::make_unique<State>();
  if (!events.empty()) {
    auto log = EventLog::create(events);
    if (!log) return log.error();
    if (auto done = log->begin(command, started, plan); !done) return done.error();
    state->log.emplace(std::move(*log));
  }
  if (!quiet)
    state->progress.emplace(style_of(STDERR_FILENO), isatty(STDERR_FILENO) == 1,
                            [](std::string_view text) {
                              // A standard error that is gone is no reason to stop.
                              static_cast<void>(write_all(STDERR_FILENO, text));
                            });
  return Collector(std::move(state));
}

void Collector::expect(const std::string& kernel, std::size_t cells) {
  const std::scoped_lock lock(state_->mutex);
  state_->of(kernel).total = cells;
}

void Collector::say(const std::string& sentence) {
  const std::scoped_lock lock(state_->mutex);
  state_->note(sentence);
}

void Collector::stage(const std::string& kernel, const std::string& stage) {
  const std::scoped_lock lock(state_->mutex);
  state_->of(kernel).phase = stage == "trials" ? "" : stage;
  state_->update();
}

void Collector::environment(const Environment& environment) {
  const std::scoped_lock lock(state_->mutex);
  state_->append(to_json(environment));
}

void Collector::trial_begin(const std::string& kernel, std::uint64_t index, const std::string& id) {
  const std::scoped_lock lock(state_->mutex);
  if (!state_->first_trial) state_->first_trial = now_ns();
  state_->append({{"type", "trial_begin"}, {"kernel", kernel}, {"index", index}, {"cell", id}});
}

void Collector::trial_end(const std::string& kernel, const TrialRecord& record) {
  const std::scoped_lock lock(state_->mutex);
  state_->append(to_json(record));
  state_->of(kernel).count(record.verdict.outcome);
  if (state_->progress)
    state_->progress->verdict(kernel, record.timeline.cell.id(), record.verdict,
                              State::seconds(state_->begun));
  state_->update();
}

void Collector::measure(const MeasureRecord& record) {
  const std::scoped_lock lock(state_->mutex);
  state_->append(to_json(record));
  if (record.repetition == 1) state_->of(record.kernel).count(record.verdict.outcome);
  state_->update();
}

void Collector::census(const CensusRecord& record) {
  const std::scoped_lock lock(state_->mutex);
  state_->append(to_json(record));
}

void Collector::incident(const Incident& incident) {
  const std::scoped_lock lock(state_->mutex);
  state_->append(to_json(incident));
  state_->note(fmt::format("{}: {}", incident.kernel, incident.sentence));
}

Result<void> Collector::finish(double seconds, const std::map<std::string, double>& phases) {
  const std::scoped_lock lock(state_->mutex);
  if (state_->progress) state_->progress->finish();
  state_->progress.reset();
  if (state_->log && !state_->trouble)
    if (auto done = state_->log->end(seconds, phases); !done) return done;
  if (state_->trouble) return *state_->trouble;
  return ok();
}

}  // namespace daxbreak
