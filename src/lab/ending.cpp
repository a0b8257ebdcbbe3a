// SPDX-License-Identifier: GPL-2.0
#include "lab/ending.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lab/console.h"
#include "run/measure_run.h"

namespace daxbreak {
namespace {
using std::chrono::seconds;

constexpr std::size_t console_limit = 40;

std::int64_t whole_seconds(Nanos span) {
  return std::chrono::duration_cast<seconds>(span).count();
}

/// The console line that names the disaster, without its time stamp; "" if there is none.
std::string headline(const std::vector<std::string>& lines, Health health) {
  for (const auto& line : lines) {
    if (health_of({line}) != health) continue;
    const auto stamp = line.starts_with('[') ? line.find("] ") : std::string::npos;
    return stamp == std::string::npos ? line : line.substr(stamp + 2);
  }
  return "";
}

/// Why the guest's init gave up, as it told the console when it had no port to tell us; or "".
std::string last_word(const std::vector<std::string>& lines) {
  for (const auto& line : lines)
    if (const auto at = line.find(guest_gives_up); at != std::string::npos)
      return line.substr(at + guest_gives_up.size());
  return "";
}

TrialRecord record_of(const PlannedCell& planned, const std::string& kernel) {
  TrialRecord record{.index = planned.index};
  record.timeline.cell = planned.cell;
  record.timeline.cell.kernel = kernel;
  return record;
}

}  // namespace

SessionLimits session_limits(const std::string& accelerator, double patience) {
  // Software emulation on two shared cores boots in 5 s and has been seen to hold a processor back
  // for several seconds: limits are an order of magnitude above that.
  const bool slow = accelerator != "kvm";
  const auto scaled = [&](int value) {
    return Nanos(
        static_cast<std::int64_t>(patience * static_cast<double>(Nanos(seconds(value)).count())));
  };
  return {.boot = scaled(slow ? 120 : 40),
          .provision = scaled(slow ? 180 : 60),
          .silence = scaled(slow ? 30 : 10),
          .news = scaled(slow ? 240 : 90),
          .after_oops = scaled(slow ? 30 : 10)};
}

BootWatch::BootWatch(const SessionLimits& limits, std::int64_t now)
    : limits_(limits), since_(now), last_line_(now), last_news_(now) {}

void BootWatch::plan_sent(std::int64_t now) {
  stage_ = ready_ ? Stage::running : Stage::provisioning;
  since_ = last_news_ = now;
}

void BootWatch::heard(const Message& message, std::int64_t now) {
  last_line_ = now;
  if (std::holds_alternative<Alive>(message)) return;
  last_news_ = now;
  if (std::holds_alternative<Hello>(message)) {
    stage_ = Stage::greeted;
    since_ = now;
  } else if (std::holds_alternative<Ready>(message)) {
    ready_ = true;
    stage_ = Stage::running;
    since_ = now;
  } else if (const auto* begin = std::get_if<TrialBegin>(&message)) {
    open_ = begin->index;
    open_since_ = now;
    repetitions_ = 0;
    trials_ = true;
  } else if (std::holds_alternative<MeasureRecord>(message)) {
    open_since_ = now;
    ++repetitions_;
  } else if (const auto* end = std::get_if<TrialRecord>(&message)) {
    if (open_ == end->index) open_.reset();
  } else if (const auto* measured = std::get_if<MeasureEnd>(&message)) {
    if (open_ == measured->index) open_.reset();
  } else if (std::holds_alternative<Done>(message)) {
    stage_ = Stage::idle;
    since_ = now;
  }
}

bool BootWatch::suspicious(std::int64_t now) const {
  return stage_ == Stage::running && Nanos(now - last_news_) > limits_.after_oops;
}

std::optional<BootWatch::Overdue> BootWatch::overdue(std::int64_t now, bool oops) const {
  const Nanos in_stage(now - since_);
  if (stage_ == Stage::booting) {
    if (in_stage <= limits_.boot) return std::nullopt;
    return Overdue{Cause::never_up, fmt::format("the guest did not come up within {} s",
                                                whole_seconds(limits_.boot))};
  }
  const Nanos quiet(now - last_line_);
  if (quiet > limits_.silence)
    return Overdue{Cause::silent,
                   fmt::format("the guest stopped answering for {} s", whole_seconds(quiet))};
  if (stage_ == Stage::provisioning && in_stage > limits_.provision)
    return Overdue{Cause::never_up, fmt::format("the DAX filesystems were not made within {} s",
                                                whole_seconds(limits_.provision))};
  if (stage_ != Stage::running) return std::nullopt;
  const Nanos stalled(now - last_news_);
  if (oops && stalled > limits_.after_oops)
    return Overdue{Cause::stalled,
                   fmt::format("no progress for {} s after the oops", whole_seconds(stalled))};
  if (stalled > limits_.news)
    return Overdue{Cause::stalled, fmt::format("the kernel answers, but {} for {} s",
                                               open_ ? "the trial neither ends nor can be given up"
                                                     : "nothing gets done between trials",
                                               whole_seconds(stalled))};
  return std::nullopt;
}

Ending judge_ending(Cause cause, const std::string& sentence,
                    const std::vector<std::string>& console, const std::string& qemu) {
  Ending ending{.what = {}, .sentence = sentence, .console = telling_lines(console, console_limit)};
  const auto add = [&](std::string text) {
    ending.sentence =
        ending.sentence.empty() ? std::move(text) : std::move(text) + "; " + ending.sentence;
  };
  const Health health = health_of(console);
  ending.complained = health != Health::well;
  if (health == Health::panic) {
    ending.what = "panic";
    add(headline(console, health));
  } else if (health == Health::oops && cause != Cause::never_up) {
    ending.what = "kernel-oops";
    add(headline(console, health));
  } else if (const auto said = last_word(console); cause == Cause::exited && !said.empty()) {
    ending.what = "harness";
    // It may have come over the port as well.
    if (ending.sentence.find(said) == std::string::npos) add("the guest gave up: " + said);
  } else if (cause == Cause::exited && qemu.empty()) {
    // A triple fault resets the machine, and -no-reboot ends it: the kernel's doing all the same.
    ending.what = "panic";
    add(console.empty() ? "the machine was reset before the kernel said a word: is its image whole?"
                        : "the machine was reset without a word");
  } else if (cause == Cause::exited) {
    ending.what = "harness";
    add("QEMU failed: " + qemu);
  } else if (cause == Cause::failed) {
    ending.what = "harness";
  } else if (cause == Cause::stalled || cause == Cause::wedged) {
    ending.what = "wedge";
  } else {
    ending.what = "silence";
  }
  return ending;
}

TrialRecord lost_trial(const PlannedCell& planned, const std::string& kernel, const Ending& ending,
                       Nanos ran) {
  auto record = record_of(planned, kernel);
  record.seconds = std::chrono::duration<double>(ran).count();
  if (ending.what == "harness") {
    record.timeline.trouble = ending.sentence;
    record.verdict.outcome = Outcome::inconclusive;
    record.verdict.reason = ending.sentence;
    return record;
  }
  record.verdict.outcome = Outcome::fail;
  record.verdict.findings.push_back(
      {.kind = ending.what, .sentence = ending.sentence, .evidence = ending.console});
  record.came_back = 1;
  return record;
}

std::vector<MeasureRecord> lost_measure(const MeasurePoint& point, const std::string& kernel,
                                        const Ending& ending, unsigned reported, Nanos ran) {
  MeasureRecord lost = empty_measure(point);
  lost.kernel = kernel;
  lost.repetition = reported + 1;
  lost.seconds = std::chrono::duration<double>(ran).count();
  if (ending.what == "harness") {
    lost.verdict.reason = ending.sentence;
  } else {
    lost.verdict.outcome = Outcome::fail;
    lost.verdict.findings.push_back(
        {.kind = ending.what, .sentence = ending.sentence, .evidence = ending.console});
  }
  std::vector<MeasureRecord> records{std::move(lost)};
  for (unsigned number = reported + 2; number <= point.repetitions; ++number) {
    MeasureRecord& skipped = records.emplace_back(skipped_measure(
        point, fmt::format("repetition {} lost its machine: {}", reported + 1, ending.sentence)));
    skipped.kernel = kernel;
    skipped.repetition = number;
  }
  return records;
}

TrialRecord skipped_trial(const PlannedCell& planned, const std::string& kernel,
                          const std::string& reason) {
  auto record = record_of(planned, kernel);
  record.timeline.skip = reason;
  record.verdict.outcome = Outcome::skip;
  record.verdict.reason = reason;
  record.attempts = 0;
  return record;
}

}  // namespace daxbreak
