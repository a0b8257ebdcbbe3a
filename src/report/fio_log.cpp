// SPDX-License-Identifier: GPL-2.0
#include "report/fio_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>

#include "report/cells.h"
#include "report/groups.h"
#include "report/tally.h"
#include "result/statistics.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t pinned_bytes = 4096;  // what a pin's I/O moves, as in fio_json.cpp
constexpr std::size_t directions = 3;

/// An operation that is known for itself.
struct Entry {
  std::uint64_t ms = 0;  // when it ended
  std::int64_t ns = 0;
  std::size_t direction = 0;
  std::uint64_t bytes = 0;
};

/// Operations of a repetition, of which only the sum is known.
struct Span {
  std::uint64_t ms = 0;  // when it ended
  double seconds = 0;
  std::size_t direction = 0;
  std::uint64_t bytes = 0;
  Statistics latency;
};

/// What one number's files hold: either.
struct Job {
  std::vector<Entry> entries;
  std::vector<Span> spans;
};

std::string line(std::uint64_t ms, std::uint64_t value, std::size_t direction,
                 std::uint64_t block) {
  constexpr int priority = 0;
  return fmt::format("{}, {}, {}, {}, {}\n", ms, value, direction, block, priority);
}

/// A window of fio's windowed logs. fio 3.33, stat.c, add_log_sample(): a sample goes into its
/// direction's window first; if the window is as long as was asked for, its mean is written with
/// the sample's time, and the next one begins at the last multiple of the length.
class Windows {
 public:
  explicit Windows(std::uint64_t length) : length_(length) {}

  /// True if the window of this direction is over with this sample.
  bool ends(std::size_t direction, std::uint64_t ms) {
    if (ms < begun_.at(direction) + length_) return false;
    begun_.at(direction) = ms - ms % length_;
    return true;
  }

 private:
  std::uint64_t length_;
  std::array<std::uint64_t, directions> begun_{};
};

/// Hands each window's entries to `write`, those of the unfinished last ones too: a window that the
/// run's end cut short would lose its samples.
template <class Write>
void each_window(const std::vector<Entry>& entries, std::uint64_t length, Write write) {
  Windows windows(length);
  std::array<std::vector<Entry>, directions> open;
  for (const Entry& entry : entries) {
    open.at(entry.direction).push_back(entry);
    if (!windows.ends(entry.direction, entry.ms)) continue;
    write(open.at(entry.direction));
    open.at(entry.direction).clear();
  }
  for (const auto& rest : open)
    if (!rest.empty()) write(rest);
}

std::string latency_text(const Job& job, unsigned average_ms) {
  std::string text;
  for (const Span& span : job.spans)
    text += line(span.ms, static_cast<std::uint64_t>(std::llround(span.latency.mean())),
                 span.direction, 0);
  if (average_ms == 0) {
    for (const Entry& one : job.entries)
      text += line(one.ms, static_cast<std::uint64_t>(one.ns), one.direction, one.bytes);
    return text;
  }
  each_window(job.entries, average_ms, [&](const std::vector<Entry>& window) {
    double sum = 0;
    for (const Entry& one : window)
      sum += static_cast<double>(one.ns);
    // Windowed lines have no block size.
    text += line(window.back().ms,
                 static_cast<std::uint64_t>(std::llround(sum / static_cast<double>(window.size()))),
                 window.front().direction, 0);
  });
  return text;
}

/// Bandwidth in KiB/s or operations per second, of `bytes` (or of that many operations) in a span.
std::uint64_t rate_of(double amount, double seconds, bool bandwidth) {
  if (!(seconds > 0)) return 0;
  return static_cast<std::uint64_t>(amount / seconds / (bandwidth ? 1024 : 1));
}

std::string rate_text(const Job& job, unsigned average_ms, bool bandwidth) {
  std::string text;
  for (const Span& span : job.spans)
    text += line(span.ms,
                 rate_of(static_cast<double>(bandwidth ? span.bytes : span.latency.count()),
                         span.seconds, bandwidth),
                 span.direction, 0);
  if (average_ms == 0) {
    // Of a single operation fio writes bytes per millisecond, not KiB/s (fio 3.33, stat.c,
    // add_bw_sample()), and 1 into the IOPS log.
    for (const Entry& one : job.entries) {
      const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(one.ns, 1));
      text += line(one.ms, bandwidth ? one.bytes * 1'000'000 / ns : 1, one.direction, one.bytes);
    }
    return text;
  }
  std::array<std::uint64_t, directions> begun{};
  each_window(job.entries, average_ms, [&](const std::vector<Entry>& window) {
    const std::size_t direction = window.front().direction;
    double amount = 0;
    for (const Entry& one : window)
      amount += bandwidth ? static_cast<double>(one.bytes) : 1;
    const std::uint64_t end = window.back().ms;
    const double seconds =
        static_cast<double>(std::max<std::uint64_t>(end - begun.at(direction), 1)) / 1000;
    text += line(end, rate_of(amount, seconds, bandwidth), direction, 0);
    begun.at(direction) = end;
  });
  return text;
}

std::string histogram_line(std::uint64_t ms, std::size_t direction, std::uint64_t block,
                           const Statistics& latency) {
  std::array<std::uint64_t, Statistics::buckets> counters{};
  for (const auto& [middle, count] : latency.bins())
    counters.at(Statistics::bucket_of(static_cast<std::uint64_t>(middle))) = count;
  std::string text = fmt::format("{}, {}, {}", ms, direction, block);
  for (const std::uint64_t count : counters)
    fmt::format_to(std::back_inserter(text), ", {}", count);
  return text + "\n";
}

std::string histogram_text(const Job& job, unsigned window_ms) {
  std::string text;
  for (const Span& span : job.spans)
    text += histogram_line(span.ms, span.direction,
                           span.latency.count() == 0 ? 0 : span.bytes / span.latency.count(),
                           span.latency);
  each_window(job.entries, std::max(window_ms, 1U), [&](const std::vector<Entry>& window) {
    Statistics latency;
    for (const Entry& one : window)
      latency.add(one.ns);
    text +=
        histogram_line(window.back().ms, window.front().direction, window.back().bytes, latency);
  });
  return text;
}

/// Where a trial's events lie in the time that all of a kernel's trials took.
struct Placed {
  const TrialRecord* trial = nullptr;
  std::int64_t begun_ns = 0;  // in that time
  std::int64_t first_ns = 0;  // the first event, by the guest's clock
};

std::vector<Placed> placed_trials(const RunRecord& run, const std::string& kernel) {
  std::vector<Placed> placed;
  std::int64_t at = 0;
  for (const TrialRecord& trial : run.trials) {
    const auto& events = trial.timeline.events;
    if (trial.timeline.cell.kernel != kernel || trial.verdict.outcome == Outcome::skip) continue;
    const std::int64_t first = events.empty() ? 0 : events.front().t_ns;
    placed.push_back({&trial, at, first});
    // A machine that is booted again begins its clock anew, so only spans can be added.
    if (!events.empty()) at += std::max<std::int64_t>(events.back().t_ns - first, 0);
  }
  return placed;
}

std::uint64_t ms_of(const Placed& placed, std::int64_t t_ns) {
  constexpr std::int64_t ns_per_ms = 1'000'000;
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(placed.begun_ns + t_ns - placed.first_ns, 0) / ns_per_ms);
}

/// When the break ended; a trial that measured one knows at least when it began.
std::int64_t end_of_break(const Timeline& timeline, std::int64_t took_ns) {
  if (const Event* end = timeline.first(EventKind::break_end)) return end->t_ns;
  const Event* const begin = timeline.first(EventKind::break_begin);
  return (begin != nullptr ? begin->t_ns : timeline.events.front().t_ns) + took_ns;
}

/// The two jobs of a kernel and pin. The conditions are those of groups.cpp: as many lines as there
/// are operations in fio_json().
std::array<Job, 2> trial_jobs(const std::vector<Placed>& trials, const std::string& pin) {
  Job pins;
  Job breaks;
  for (const Placed& placed : trials) {
    const Timeline& timeline = placed.trial->timeline;
    if (pin_label(timeline.cell) != pin || timeline.events.empty()) continue;
    const auto took = pin_io_ns(timeline);
    const bool reads = timeline.pin_flow == "to_page";
    if (took && (reads || timeline.pin_flow == "from_page"))
      pins.entries.push_back({ms_of(placed, timeline.first(EventKind::release_end)->t_ns), *took,
                              reads ? 0U : 1U, pinned_bytes});
    const auto& break_ns = placed.trial->verdict.measures.break_ns;
    if (break_ns && !ended_by_signal(timeline))
      breaks.entries.push_back({ms_of(placed, end_of_break(timeline, *break_ns)),
                                std::max<std::int64_t>(*break_ns, 0), 2, timeline.cell.page_size});
  }
  return {std::move(pins), std::move(breaks)};
}

std::optional<std::size_t> number_of(Direction direction) {
  switch (direction) {
    case Direction::read:
      return 0;
    case Direction::write:
      return 1;
    case Direction::trim:
      return 2;
    case Direction::none:
      break;
  }
  return std::nullopt;
}

/// One job for each point that was measured, a span for each repetition and direction.
std::vector<Job> measured_jobs(const RunRecord& run) {
  using Key = std::tuple<std::string, std::string, std::string, std::string, std::string,
                         std::uint64_t, std::map<std::string, std::string>>;
  std::vector<Key> keys;
  std::vector<Job> jobs;
  std::vector<double> elapsed;
  for (const MeasureRecord& measure : run.measures) {
    if (measure.verdict.outcome == Outcome::skip) continue;
    const Key key{measure.kernel,     measure.job,       measure.load, measure.engine,
                  measure.filesystem, measure.page_size, measure.point};
    const auto at =
        static_cast<std::size_t>(std::find(keys.begin(), keys.end(), key) - keys.begin());
    if (at == keys.size()) {
      keys.push_back(key);
      jobs.emplace_back();
      elapsed.push_back(0);
    }
    elapsed[at] += measure.seconds;
    std::array<Span, directions> spans;
    for (const MeasuredSeries& series : measure.series) {
      const auto direction = number_of(series.direction);
      if (!direction) continue;  // an interval is no I/O
      Span& span = spans.at(*direction);
      span.bytes += series.bytes;
      span.latency.merge(series.latency);
    }
    for (std::size_t direction = 0; direction < directions; ++direction) {
      Span& span = spans.at(direction);
      if (span.latency.count() == 0) continue;
      span.direction = direction;
      span.seconds = measure.seconds;
      span.ms = static_cast<std::uint64_t>(std::llround(elapsed[at] * 1000));
      jobs[at].spans.push_back(std::move(span));
    }
  }
  return jobs;
}

}  // namespace

std::vector<FioLogFile> fio_logs(const RunRecord& run, const std::vector<KnownFinding>& known,
                                 const FioLogOptions& options) {
  std::vector<Job> jobs;
  std::string kernel;
  std::vector<Placed> trials;
  for (const Group& group : groups_of(run, known, GroupBy::kernel_and_pin)) {
    if (group.kernel != kernel || trials.empty()) trials = placed_trials(run, group.kernel);
    kernel = group.kernel;
    for (Job& job : trial_jobs(trials, group.pin))
      jobs.push_back(std::move(job));
  }
  for (Job& job : measured_jobs(run))
    jobs.push_back(std::move(job));

  std::vector<FioLogFile> files;
  for (std::size_t number = 1; number <= jobs.size(); ++number) {
    const Job& job = jobs[number - 1];
    const auto add = [&](const std::string& prefix, const char* kind, std::string text) {
      files.push_back({fmt::format("{}_{}.{}.log", prefix, kind, number), std::move(text)});
    };
    if (!options.latency.empty()) {
      const std::string text = latency_text(job, options.average_ms);
      add(options.latency, "slat", "");
      add(options.latency, "clat", text);
      add(options.latency, "lat", text);
    }
    // fio2gnuplot divides by the number of a log's lines: a pin that moves no data gets no such
    // log.
    if (job.entries.empty() && job.spans.empty()) continue;
    if (!options.bandwidth.empty())
      add(options.bandwidth, "bw", rate_text(job, options.average_ms, true));
    if (!options.iops.empty()) add(options.iops, "iops", rate_text(job, options.average_ms, false));
    if (!options.histogram.empty())
      add(options.histogram, "clat_hist", histogram_text(job, options.histogram_ms));
  }
  return files;
}

}  // namespace daxbreak
