// SPDX-License-Identifier: GPL-2.0
#include "run/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "job/job_file.h"
#include "job/sense.h"
#include "oracle/judge.h"
#include "oracle/suspect.h"
#include "run/directories.h"
#include "run/environment.h"
#include "run/measure_run.h"
#include "run/plan_census.h"
#include "run/repetitions.h"
#include "run/trial_process.h"
#include "trial/spans.h"
#include "workloads/breaker/breaker.h"
#include "workloads/disturber/disturber.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

// A suspect's second attempt waits this much longer.
constexpr double second_patience = 2.0;
constexpr Nanos default_completion = std::chrono::milliseconds(400);

/// One attempt at a cell, judged.
struct Attempt {
  Timeline timeline;
  Verdict verdict;
  bool wedged = false;
};

class Runner {
 public:
  Runner(const Plan& plan, const std::vector<DaxDirectory>& directories, const Sink& sink,
         Bench& bench)
      : plan_(plan), directories_(directories), sink_(sink), bench_(bench) {}

  Result<void> run() {
    if (!bench_.view) {
      auto view = KernelView::open(plan_.schemes);
      if (!view) return view.error();
      bench_.view.emplace(std::move(*view));
    }
    const bool measure = plan_.census_states && !std::exchange(bench_.states_measured, true);
    const Environment environment = environment_of(plan_, *bench_.view, directories_, measure);
    if (sink_.environment) sink_.environment(environment);
    if (measure)
      if (auto done = census_states(plan_, directories_, sink_, bench_); !done) return done;
    const Deadline end(plan_.time_left);
    for (const PlannedCell& planned : plan_.cells) {
      if (sink_.stop && sink_.stop()) return ok();
      if (plan_.runtime > Nanos::zero() && end.passed()) {
        leave_out(planned);
        continue;
      }
      if (sink_.trial_begin) sink_.trial_begin(planned);
      if (const auto why = run_cell(planned)) {
        if (sink_.wedged) sink_.wedged(*why);
        return ok();
      }
    }
    if (plan_.whole_census) census_namespaces(plan_, directories_, sink_, *bench_.view);
    return ok();
  }

 private:
  /// On a slow machine it takes longer until the I/O is seen to be under way.
  [[nodiscard]] Nanos gate_completion() const {
    return plan_.gate_completion > Nanos::zero()
               ? plan_.gate_completion
               : span::stretched(default_completion, plan_.patience);
  }

  /// A cell whose time has not come.
  void leave_out(const PlannedCell& planned) const {
    if (planned.measure) {
      if (sink_.measure)
        sink_.measure(skipped_measure(*planned.measure, not_begun_reason(plan_.runtime)));
      if (sink_.measure_end) sink_.measure_end(planned);
      return;
    }
    TrialRecord record;
    record.index = planned.index;
    skip(record, planned.cell, not_begun_reason(plan_.runtime));
    if (sink_.trial_end) sink_.trial_end(record);
  }

  /// Runs a cell, again if it is a suspect, and reports it. A value: this machine can run no more.
  std::optional<std::string> run_cell(const PlannedCell& planned) {
    const DaxDirectory* const directory = directory_for(planned.cell.filesystem, directories_);
    if (planned.measure) return run_repetitions(planned, directory, plan_, sink_, bench_);
    TrialRecord record;
    record.index = planned.index;
    const std::int64_t begun = now_ns();
    std::optional<std::string> why;
    if (auto reason = skip_reason(planned.cell)) {
      skip(record, planned.cell, *reason);
    } else if (auto unsafe = unsafe_here(planned.cell)) {
      skip(record, planned.cell, *unsafe);
    } else if (directory == nullptr) {
      skip(record, planned.cell, fmt::format("no {} DAX directory here", planned.cell.filesystem));
    } else {
      why = run_attempts(record, planned.cell, *directory);
    }
    record.seconds = static_cast<double>(now_ns() - begun) / 1e9;
    if (sink_.trial_end) sink_.trial_end(record);
    return why;
  }

  /// Why a cell may not be run on a machine that others use, if that is so.
  [[nodiscard]] std::optional<std::string> unsafe_here(const Cell& cell) const {
    if (plan_.accelerator != "none") return std::nullopt;
    if (PinRegistry::find(cell.pin)->lab_only)
      return "harms the machine on purpose: runs in the lab only";
    if (can_wedge(cell) && !plan_.allow_wedge)
      return "may leave the kernel unusable: runs in the lab, or with --allow-wedge";
    return std::nullopt;
  }

  static void skip(TrialRecord& record, const Cell& cell, const std::string& reason) {
    record.timeline.cell = cell;
    record.timeline.skip = reason;
    record.verdict = judge(record.timeline, Scheme{});
  }

  std::optional<std::string> run_attempts(TrialRecord& record, const Cell& cell,
                                          const DaxDirectory& directory) {
    Attempt first = attempt(cell, directory, plan_.patience);
    // What may have spoilt its machine is not to be tried on it again.
    if (can_wedge(cell)) {
      const auto why = unusable(first);
      const bool failed = first.verdict.outcome == Outcome::fail;
      return keep(record, std::move(first), failed ? 1 : 0), why;
    }
    if (first.verdict.outcome == Outcome::inconclusive && !unusable(first)) {
      // It proved nothing: once more, with more patience.
      first = attempt(cell, directory, plan_.patience * second_patience);
      ++record.attempts;
    }
    if (auto why = unusable(first)) return keep(record, std::move(first), 1), why;
    if (first.verdict.outcome != Outcome::fail)
      return keep(record, std::move(first), 0), std::nullopt;

    // A suspect: again, with more patience. Nothing else runs here.
    Attempt second = attempt(cell, directory, plan_.patience * second_patience);
    ++record.attempts;
    auto why = unusable(second);
    Settled settled =
        settle(std::move(first.verdict), std::move(second.verdict), plan_.accelerator == "none");
    Attempt& shown = settled.of_second ? second : first;
    shown.verdict = std::move(settled.verdict);
    return keep(record, std::move(shown), settled.came_back), why;
  }

  static void keep(TrialRecord& record, Attempt attempt, int came_back) {
    record.timeline = std::move(attempt.timeline);
    record.verdict = std::move(attempt.verdict);
    record.came_back = came_back;
  }

  /// The gate a cell needs, made at its first use and kept: making one takes longer than a trial.
  Result<Gate*> gate_for(const Cell& cell) {
    const PinKind* const pin = PinRegistry::find(cell.pin);
    if (pin == nullptr || !pin->needs_gate) return static_cast<Gate*>(nullptr);
    const GateKind* const kind = GateRegistry::find(cell.gate);
    if (kind == nullptr) return Error{"there is no gate named " + cell.gate, 0};
    auto& gate = bench_.gates[fmt::format("{} {}", cell.gate, gate_completion().count())];
    if (!gate) {
      auto made = kind->make({.completion = gate_completion()});
      if (!made) return made.error();
      gate = std::move(*made);
    }
    return gate.get();
  }

  Attempt troubled(const Cell& cell, const Error& error) const {
    Attempt made;
    made.timeline.cell = cell;
    made.timeline.trouble = error.message();
    made.verdict = judge(made.timeline, bench_.view->scheme);
    return made;
  }

  Attempt attempt(const Cell& cell, const DaxDirectory& directory, double patience) {
    if (std::exchange(bench_.observer_detached, false)) {
      auto again = Observer::open(bench_.view->scheme);
      if (!again) return troubled(cell, again.error());
      bench_.view->observer.emplace(std::move(*again));
    }
    auto gate = gate_for(cell);
    if (!gate) return troubled(cell, gate.error());
    TrialSetup setup{.directory = directory,
                     .scheme = bench_.view->scheme,
                     .odirect_is_foll_pin = bench_.view->odirect_is_foll_pin,
                     .observer = bench_.view->observer ? &*bench_.view->observer : nullptr,
                     .observer_gap = bench_.view->observer_gap,
                     .census = bench_.view->census ? &*bench_.view->census : nullptr,
                     .log = bench_.view->log ? &*bench_.view->log : nullptr,
                     .patience = patience,
                     .serial = ++bench_.serial,
                     .own_filesystem = plan_.accelerator != "none",
                     .gate = *gate,
                     .gate_timed = *gate != nullptr && GateRegistry::find(cell.gate)->timed,
                     .gate_completion = gate_completion()};
    if (device_memory_of(cell.filesystem) != DeviceMemory::none) watch_private(setup);
    KernelLog::note(fmt::format("trial {} {}", bench_.serial, cell.id()));
    Attempt made;
    auto end = run_in_process(cell, setup);
    put_right(cell);
    if (!end) return troubled(cell, end.error());
    made.timeline = std::move(end->timeline);
    made.wedged = end->wedged;
    // One that hung may have seen something before: its last checkpoint has its own say.
    made.verdict = judge(made.timeline, bench_.view->scheme);
    if (end->hung || end->wedged) {
      made.verdict.outcome = Outcome::fail;
      made.verdict.reason.clear();
      made.verdict.findings.push_back(hung_finding(*end, trial_limit(setup)));
    }
    return made;
  }

  /// The probes for pages that a device takes, opened at the first cell that needs them.
  void watch_private(TrialSetup& setup) {
    if (!bench_.private_watch) bench_.private_watch.emplace(PrivateWatch::open());
    auto& watch = *bench_.private_watch;
    if (watch)
      setup.private_watch = &*watch;
    else
      setup.private_gap = watch.error().message();
  }

  /// What a trial that was killed may have left changed.
  static void put_right(const Cell& cell) {
    const DisturberKind* const disturber = DisturberRegistry::find(cell.disturber);
    Scene nothing;
    if (disturber != nullptr && disturber->after) static_cast<void>(disturber->after(nothing));
  }

  static Finding hung_finding(const TrialEnd& end, Nanos limit) {
    const std::string_view fate =
        end.wedged ? "a task of it cannot be killed" : "it had to be killed";
    return {.kind = end.wedged ? "wedge" : "hang",
            .sentence = end.hung
                            ? fmt::format("the trial had not come to its end after {:.0f} s; {}",
                                          std::chrono::duration<double>(limit).count(), fate)
                            : fmt::format("the trial ended, but {}", fate),
            .evidence = end.stacks};
  }

  /// Why nothing further can be run on this machine after an attempt, if that is so.
  [[nodiscard]] std::optional<std::string> unusable(const Attempt& attempt) const {
    if (attempt.wedged) return "a task of the trial is stuck in the kernel";
    if (has_kind(attempt.verdict, "unkillable")) return "a breaker could not be killed";
    if (has_kind(attempt.verdict, "kernel-oops")) return "the kernel oopsed";
    // A page that is still held would be the next trial's finding. A host's memory stays as it is.
    if (plan_.accelerator != "none" && has_kind(attempt.verdict, "count-drift"))
      return "pages of the trial's file are still held";
    return std::nullopt;
  }

  const Plan& plan_;
  const std::vector<DaxDirectory>& directories_;
  const Sink& sink_;
  Bench& bench_;
};

}  // namespace

Result<void> run_plan(const Plan& plan, const std::vector<DaxDirectory>& directories,
                      const Sink& sink, Bench& bench) {
  return Runner(plan, directories, sink, bench).run();
}

}  // namespace daxbreak
