// SPDX-License-Identifier: GPL-2.0
#include "run/retry.h"

#include <utility>

#include "job/sense.h"
#include "oracle/suspect.h"
#include "run/attempt.h"

namespace daxbreak {
namespace {

// A second attempt waits this much longer.
constexpr double second_patience = 2.0;

/// Why nothing further can be run on this machine after an attempt, if that is so.
std::optional<std::string> unusable(const Attempt& attempt, const Plan& plan) {
  if (attempt.wedged) return "a task of the trial is stuck in the kernel";
  if (has_kind(attempt.verdict, "unkillable")) return "a breaker could not be killed";
  if (has_kind(attempt.verdict, "kernel-oops")) return "the kernel oopsed";
  // A page that is still held would be the next trial's finding. A host's memory stays as it is.
  if (plan.accelerator != "none" && has_kind(attempt.verdict, "count-drift"))
    return "pages of the trial's file are still held";
  return std::nullopt;
}

void keep(TrialRecord& record, Attempt attempt, int came_back) {
  record.timeline = std::move(attempt.timeline);
  record.verdict = std::move(attempt.verdict);
  record.came_back = came_back;
}

}  // namespace

std::optional<std::string> run_with_retry(TrialRecord& record, const Cell& cell,
                                          const DaxDirectory& directory, const Plan& plan,
                                          Bench& bench) {
  const auto attempt = [&](double patience) {
    return make_attempt(cell, directory, patience, plan, bench);
  };
  Attempt first = attempt(plan.patience);
  // What may have spoilt its machine is not to be tried on it again.
  if (can_wedge(cell)) {
    const auto why = unusable(first, plan);
    const bool failed = first.verdict.outcome == Outcome::fail;
    return keep(record, std::move(first), failed ? 1 : 0), why;
  }
  if (first.verdict.outcome == Outcome::inconclusive && !unusable(first, plan)) {
    // It proved nothing: once more, with more patience.
    first = attempt(plan.patience * second_patience);
    ++record.attempts;
  }
  if (auto why = unusable(first, plan)) return keep(record, std::move(first), 1), why;
  if (first.verdict.outcome != Outcome::fail)
    return keep(record, std::move(first), 0), std::nullopt;

  // A suspect: again, with more patience. Nothing else runs here.
  Attempt second = attempt(plan.patience * second_patience);
  ++record.attempts;
  auto why = unusable(second, plan);
  Settled settled =
      settle(std::move(first.verdict), std::move(second.verdict), plan.accelerator == "none");
  Attempt& shown = settled.of_second ? second : first;
  shown.verdict = std::move(settled.verdict);
  return keep(record, std::move(shown), settled.came_back), why;
}

}  // namespace daxbreak
