// SPDX-License-Identifier: GPL-2.0
/// Hand-made runs for the tests of results and reports.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "result/record.h"

namespace daxbreak::sample {

inline constexpr std::uint64_t small_page = 4096;
inline constexpr std::uint64_t huge_page = 2UL << 20;

inline Environment environment(std::string kernel, std::string release, std::string version,
                               std::string scheme) {
  return {.kernel = std::move(kernel),
          .release = std::move(release),
          .version = std::move(version),
          .origin = "Debian",
          .scheme = scheme,
          .scheme_title = scheme + " title",
          .accelerator = "tcg",
          .filesystems = {{"ext4", "on /dev/pmem0"}, {"xfs", "on /dev/pmem1"}}};
}

/// A trial that passed: waited 20 ms, woke `wake_ns` after the release.
inline TrialRecord passed(Cell cell, std::uint64_t index, std::int64_t wake_ns = 150'000) {
  TrialRecord trial{.index = index};
  trial.timeline.cell = std::move(cell);
  trial.timeline.deadline = Nanos(2'000'000'000);
  trial.timeline.pin_flow = trial.timeline.cell.pin == "odirect-read" ? "to_page" : "from_page";
  const std::int64_t t0 = 1'000'000'000 * static_cast<std::int64_t>(index + 1);
  const std::int64_t release = t0 + 21'000'000;
  trial.timeline.events = {
      {.t_ns = t0, .kind = EventKind::pin_begin},
      {.t_ns = t0 + 300'000, .kind = EventKind::pin_held, .value = 1},
      {.t_ns = t0 + 1'000'000, .kind = EventKind::break_begin, .tid = 77},
      {.t_ns = release, .kind = EventKind::release_begin},
      {.t_ns = release + 90'000, .kind = EventKind::release_end},
      {.t_ns = release + wake_ns, .kind = EventKind::break_end, .tid = 77},
  };
  trial.verdict.outcome = Outcome::pass;
  trial.verdict.measures = {.break_ns = 20'000'000 + wake_ns,
                            .blocked_ns = 19'800'000,
                            .wake_ns = wake_ns,
                            .put_to_wake_ns = wake_ns / 3,
                            .scans = 2};
  trial.seconds = 0.6;
  return trial;
}

inline TrialRecord failed(Cell cell, std::uint64_t index, const std::vector<std::string>& kinds) {
  TrialRecord trial = passed(std::move(cell), index);
  trial.verdict.outcome = Outcome::fail;
  trial.verdict.measures = {.break_ns = 2'100'000'000, .blocked_ns = 20'000'000};
  for (const std::string& kind : kinds)
    trial.verdict.findings.push_back(
        {.kind = kind,
         .sentence = fmt::format("{} did something called {} after 2043.118 ms, see "
                                 "dax_disassociate_entry",
                                 trial.timeline.cell.breaker, kind),
         .evidence = {
             "    -1.204 ms  pin_held      count rose by 1", "    +0.000 ms  break_begin   ",
             "    +0.212 ms  scan          busy page, count 2, mappings 0",
             "   +20.031 ms  put           of 1 from count 2", " +2043.118 ms  poke          "}});
  if (kinds.front() == "lost-wakeup" || kinds.front() == "stuck")
    trial.timeline.events.push_back(
        {.t_ns = trial.timeline.events.back().t_ns + 1, .kind = EventKind::poke});
  trial.attempts = 3;
  trial.came_back = 3;
  return trial;
}

inline TrialRecord skipped(Cell cell, std::uint64_t index, std::string why) {
  TrialRecord trial{.index = index};
  trial.timeline.cell = std::move(cell);
  trial.timeline.skip = why;
  trial.verdict = {.outcome = Outcome::skip, .reason = std::move(why)};
  return trial;
}

inline TrialRecord inconclusive(Cell cell, std::uint64_t index, std::string why) {
  TrialRecord trial = passed(std::move(cell), index);
  trial.verdict = {.outcome = Outcome::inconclusive, .reason = std::move(why)};
  return trial;
}

/// What the four stock kernels are known to do: 4 kernels x 2 filesystems x 2 page sizes x 6 pins x
/// 3 breakers x 3 disturbers.
inline RunRecord stock_run() {
  RunRecord run{.command = "daxbreak matrix", .started = "2026-11-21T01:22:46Z", .seconds = 431.5};
  run.phases = {{"fetch", 12.0}, {"boot", 66.4}, {"trials", 341.0}, {"report", 0.2}};
  run.environments = {environment("5.10", "5.10.0-46-amd64", "5.10.262-1", "devmap-one"),
                      environment("6.1", "6.1.0-56-amd64", "6.1.192-2", "fsdax-one"),
                      environment("6.12", "6.12.117-amd64", "6.12.117-1", "fsdax-one"),
                      environment("7.2", "7.2.13+deb-amd64", "7.2.13-1", "zero")};
  const std::vector<std::string> pins = {"vmsplice", "odirect-read", "odirect-write",
                                         "libaio",   "io-uring",     "io-uring-fixed"};
  for (const Environment& of : run.environments) {
    std::uint64_t index = 0;
    for (const std::string& pin : pins)
      for (const char* breaker : {"truncate", "truncate-page", "punch-hole"})
        for (const char* disturber : {"none", "munmap", "refault"})
          for (const char* filesystem : {"ext4", "xfs"})
            for (const std::uint64_t page : {small_page, huge_page}) {
              const Cell cell{.kernel = of.kernel,
                              .filesystem = filesystem,
                              .page_size = page,
                              .pin = pin,
                              .breaker = breaker,
                              .disturber = disturber};
              const std::string how = disturber;
              const bool io = pin != "vmsplice";
              if (pin == "io-uring-fixed" && how != "none")
                run.trials.push_back(
                    skipped(cell, index, "a pin that must be refused leaves nothing to disturb"));
              else if (pin == "io-uring-fixed")
                run.trials.push_back(passed(cell, index));
              else if (of.scheme != "zero" && how == "munmap")
                run.trials.push_back(
                    failed(cell, index,
                           {"early-break", pin == "odirect-read" ? "stray-write" : "leak",
                            "kernel-warning"}));
              else if (of.kernel == "6.1" && io)
                run.trials.push_back(failed(cell, index, {"lost-wakeup"}));
              else if (of.scheme == "zero" && how == "refault")
                run.trials.push_back(failed(cell, index, {"stuck"}));
              else if (of.kernel == "5.10" && page == huge_page && pin == "libaio")
                run.trials.push_back(
                    inconclusive(cell, index, "the page was not mapped by one PMD"));
              else
                run.trials.push_back(
                    passed(cell, index, 90'000 + 7'000 * static_cast<std::int64_t>(index % 40)));
              ++index;
            }
  }
  return run;
}

}  // namespace daxbreak::sample
