// SPDX-License-Identifier: GPL-2.0
/// A hand-made run that has something of everything that reports show, and text that would spoil a
/// report which does not quote it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "hand_made.h"
#include "report/known.h"
#include "sample_run.h"

namespace daxbreak::sample {

/// Text that ends elements, opens others, and is no UTF-8 at its end.
inline const std::string hostile =
    "</script><!--<script>alert('1')</script> & \"quoted\" ]]> # \x01 \xff";

inline std::vector<KnownFinding> report_known() {
  return {{.id = "bio-put-loses-wake",
           .kinds = {"lost-wakeup"},
           .schemes = {"fsdax-one"},
           .reference = "1b151e2435fc <block>",
           .note = "the count goes from 2 to 1 and nobody calls wake_up_var()"}};
}

/// A storm's repetition: the more is mapped the longer it takes.
inline MeasureRecord measure(const std::string& kernel, const std::string& mapped, double pages,
                             unsigned repetition, double slower) {
  MeasureRecord record{.kernel = kernel,
                       .job = "mapped",
                       .load = "storm",
                       .engine = "daxbreak",
                       .filesystem = "ext4",
                       .point = {{"mapped", mapped}, {"pinners", "4"}},
                       .repetition = repetition,
                       .seconds = 2};
  MeasuredSeries breaks{.name = "break", .direction = Direction::trim};
  MeasuredSeries pins{.name = "pin", .direction = Direction::read};
  for (int i = 0; i < 200; ++i) {
    const double jitter = 1 + 0.002 * (i % 37) + 0.05 * repetition;
    breaks.latency.add(static_cast<std::int64_t>((40'000 + 90 * pages) * slower * jitter));
    pins.latency.add(static_cast<std::int64_t>(9'000 * slower * jitter));
  }
  record.series = {breaks, pins};
  record.numbers = {{"scans per break", 1.5 + slower},
                    {"spurious wakeups per break", 3.0 * repetition}};
  record.verdict.outcome = Outcome::pass;
  return record;
}

inline RunRecord report_run() {
  RunRecord run = stock_run();
  run.command = "daxbreak matrix " + hostile;
  // Timelines with all that a kernel shows.
  for (TrialRecord& trial : run.trials) {
    if (trial.timeline.events.empty()) continue;
    const Cell cell = trial.timeline.cell;
    const bool lost =
        !trial.verdict.findings.empty() && trial.verdict.findings.front().kind == "lost-wakeup";
    trial.timeline = lost ? hand_made::overdue(0, 1, 0) : hand_made::good();
    trial.timeline.cell = cell;
  }
  TrialRecord& spoilt = run.trials.front();
  spoilt.verdict.outcome = Outcome::fail;
  spoilt.verdict.findings = {
      {.kind = "kernel-warning", .sentence = "the kernel said " + hostile, .evidence = {hostile}}};
  run.trials[1].verdict = {.outcome = Outcome::inconclusive, .reason = "because " + hostile};
  // Somebody who takes and drops the page all the time.
  Timeline& busy = run.trials[2].timeline;
  for (int i = 0; i < 5000; ++i)
    busy.events.push_back({.t_ns = hand_made::ms(20) + i * 1000,
                           .kind = i % 2 == 0 ? EventKind::put : EventKind::wake,
                           .tid = 9,
                           .page = 0xffffea0000000000,
                           .value = 1,
                           .count = 2});
  std::stable_sort(busy.events.begin(), busy.events.end(),
                   [](const Event& left, const Event& right) { return left.t_ns < right.t_ns; });

  run.censuses = {
      {.kernel = "6.1",
       .subject = "ext4 namespace, end of run",
       .histogram = {{1, 128'512}},
       .idle_expected = true,
       .idle = 1},
      {.kernel = "7.2",
       .subject = "xfs namespace, end of run",
       .histogram = {{0, 128'509}, {1, 3}},
       .idle_expected = true,
       .idle = 0},
      {.kernel = "6.1", .subject = "file", .state = "mapped by one process", .histogram = {{1, 1}}},
      {.kernel = "7.2", .subject = "file", .state = "mapped by one process", .histogram = {{1, 1}}},
      {.kernel = "7.2", .subject = "file", .state = "mapped by two", .histogram = {{2, 1}}}};
  run.incidents = {{.kernel = "5.10",
                    .what = "panic",
                    .sentence = "the kernel panicked",
                    .console = {"[  1.0] Kernel panic - not syncing " + hostile, "[  1.1] end"}}};
  double slower = 1;
  for (const Environment& environment : run.environments) {
    double pages = 1;
    for (const char* mapped : {"4k", "64k", "1m", "16m", "256m", "1g"}) {
      for (unsigned repetition = 1; repetition <= 3; ++repetition)
        run.measures.push_back(measure(environment.kernel, mapped, pages, repetition, slower));
      pages *= 16;
    }
    slower *= 1.35;
  }
  run.measures.back().verdict = {
      .outcome = Outcome::fail,
      .findings = {{.kind = "stuck", .sentence = "a breaker did not end", .evidence = {"at 3 s"}}}};
  return run;
}

}  // namespace daxbreak::sample
