// SPDX-License-Identifier: GPL-2.0
#include "run/attempt.h"

#include <fmt/format.h>

#include <memory>
#include <string_view>
#include <utility>

#include "oracle/judge.h"
#include "run/trial_process.h"
#include "trial/spans.h"
#include "workloads/disturber/disturber.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

constexpr Nanos default_completion = std::chrono::milliseconds(400);

/// On a slow machine it takes longer until the I/O is seen to be under way.
Nanos completion_of(const Plan& plan) {
  return plan.gate_completion > Nanos::zero() ? plan.gate_completion
                                              : span::stretched(default_completion, plan.patience);
}

/// The gate a cell needs, made at its first use and kept: making one takes longer than a trial.
Result<Gate*> gate_for(const Cell& cell, Nanos completion, Bench& bench) {
  const PinKind* const pin = PinRegistry::find(cell.pin);
  if (pin == nullptr || !pin->needs_gate) return static_cast<Gate*>(nullptr);
  const GateKind* const kind = GateRegistry::find(cell.gate);
  if (kind == nullptr) return Error{"there is no gate named " + cell.gate, 0};
  auto& gate = bench.gates[fmt::format("{} {}", cell.gate, completion.count())];
  if (!gate) {
    auto made = kind->make({.completion = completion});
    if (!made) return made.error();
    gate = std::move(*made);
  }
  return gate.get();
}

/// The probes for pages that a device takes, opened at the first cell that needs them.
void watch_private(TrialSetup& setup, Bench& bench) {
  if (!bench.private_watch) bench.private_watch.emplace(PrivateWatch::open());
  auto& watch = *bench.private_watch;
  if (watch)
    setup.private_watch = &*watch;
  else
    setup.private_gap = watch.error().message();
}

Attempt troubled(const Cell& cell, const Error& error, const Scheme& scheme) {
  Attempt made;
  made.timeline.cell = cell;
  made.timeline.trouble = error.message();
  made.verdict = judge(made.timeline, scheme);
  return made;
}

/// What a trial that was killed may have left changed.
void put_right(const Cell& cell) {
  const DisturberKind* const disturber = DisturberRegistry::find(cell.disturber);
  Scene nothing;
  if (disturber != nullptr && disturber->after) static_cast<void>(disturber->after(nothing));
}

Finding hung_finding(const TrialEnd& end, Nanos limit) {
  const std::string_view fate =
      end.wedged ? "a task of it cannot be killed" : "it had to be killed";
  return {.kind = end.wedged ? "wedge" : "hang",
          .sentence = end.hung ? fmt::format("the trial had not come to its end after {:.0f} s; {}",
                                             std::chrono::duration<double>(limit).count(), fate)
                               : fmt::format("the trial ended, but {}", fate),
          .evidence = end.stacks};
}

}  // namespace

Attempt make_attempt(const Cell& cell, const DaxDirectory& directory, double patience,
                     const Plan& plan, Bench& bench) {
  KernelView& view = *bench.view;
  if (std::exchange(bench.observer_detached, false)) {
    auto again = Observer::open(view.scheme);
    if (!again) return troubled(cell, again.error(), view.scheme);
    view.observer.emplace(std::move(*again));
  }
  const Nanos completion = completion_of(plan);
  auto gate = gate_for(cell, completion, bench);
  if (!gate) return troubled(cell, gate.error(), view.scheme);
  TrialSetup setup{.directory = directory,
                   .scheme = view.scheme,
                   .odirect_is_foll_pin = view.odirect_is_foll_pin,
                   .observer = view.observer ? &*view.observer : nullptr,
                   .observer_gap = view.observer_gap,
                   .census = view.census ? &*view.census : nullptr,
                   .log = view.log ? &*view.log : nullptr,
                   .patience = patience,
                   .serial = ++bench.serial,
                   .own_filesystem = plan.accelerator != "none",
                   .gate = *gate,
                   .gate_timed = *gate != nullptr && GateRegistry::find(cell.gate)->timed,
                   .gate_completion = completion};
  if (device_memory_of(cell.filesystem) != DeviceMemory::none) watch_private(setup, bench);
  KernelLog::note(fmt::format("trial {} {}", bench.serial, cell.id()));
  Attempt made;
  auto end = run_in_process(cell, setup);
  put_right(cell);
  if (!end) return troubled(cell, end.error(), view.scheme);
  made.timeline = std::move(end->timeline);
  made.wedged = end->wedged;
  // One that hung may have seen something before: its last checkpoint has its own say.
  made.verdict = judge(made.timeline, view.scheme);
  if (end->hung || end->wedged) {
    made.verdict.outcome = Outcome::fail;
    made.verdict.reason.clear();
    made.verdict.findings.push_back(hung_finding(*end, trial_limit(setup)));
  }
  return made;
}

}  // namespace daxbreak
