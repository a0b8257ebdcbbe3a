// SPDX-License-Identifier: GPL-2.0
#include "run/measure_run.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "result/observed.h"
#include "run/measure_child.h"
#include "run/measure_watch.h"
#include "run/process_group.h"
#include "trial/cell.h"
#include "workloads/storm/storm.h"

namespace daxbreak {
namespace {

/// Adds what one thread measured to the series of the same name.
void collect(const ThreadBoard& board, MeasureRecord& record) {
  for (std::uint32_t i = 0; i < board.series_count; ++i) {
    const SeriesBoard& from = board.series.at(i);
    auto at = std::find_if(record.series.begin(), record.series.end(),
                           [&](const MeasuredSeries& one) { return one.name == from.name.get(); });
    if (at == record.series.end()) {
      record.series.push_back(
          {.name = std::string(from.name.get()), .direction = from.direction, .latency = {}});
      at = record.series.end() - 1;
    }
    at->bytes += from.bytes;
    at->latency.merge(from.latency);
  }
  for (std::uint32_t i = 0; i < board.number_count; ++i)
    record.numbers[std::string(board.numbers.at(i).name.get())] += board.numbers.at(i).value;
}

/// One repetition on its way.
class Run {
 public:
  Run(const MeasurePoint& point, unsigned number, const MeasureSetup& setup, Watched watched)
      : point_(point), setup_(setup), watched_(watched) {
    end_.record = empty_measure(point);
    end_.record.repetition = number;
  }

  Repetition run() {
    if (auto done = go(); !done) {
      Verdict& verdict = end_.record.verdict;
      verdict.outcome = Outcome::inconclusive;
      verdict.reason = done.error().message();
    }
    return std::move(end_);
  }

 private:
  Result<void> go() {
    std::optional<MeasureFiles> files;
    if (point_.filesystem != device_dax_name) {
      auto made = MeasureFiles::make(setup_.directory, point_);
      if (!made) return made.error();
      files.emplace(std::move(*made));
    }
    if (setup_.busy) setup_.busy();
    auto board = MeasureBoard::make(workers_of(point_).size());
    if (!board) return board.error();
    if (setup_.view.log)
      if (auto marked = setup_.view.log->mark(); !marked) return marked.error();
    KernelLog::note(fmt::format("measure {} {}", point_.id(), end_.record.repetition));
    std::optional<StormWatch> observer;
    if (watched_ != Watched::no) {
      auto opened = StormWatch::open(setup_.view.scheme, watched_ == Watched::wakes);
      if (!opened) return opened.error();
      observer.emplace(std::move(*opened));
    }
    const WorkerSetup workers{.directory = setup_.directory,
                              .files = files ? &*files : nullptr,
                              .device = setup_.device.path,
                              .device_size = setup_.device.size,
                              .watch = observer ? &*observer : nullptr};
    const pid_t pid = ::fork();
    if (pid < 0) return errno_error("fork the measurement");
    if (pid == 0) be_workers(point_, workers, *board);
    ::setpgid(pid, pid);  // in both: whoever comes first
    MeasureWatch watch(point_, *board, pid, setup_.patience, setup_.busy,
                       observer ? &*observer : nullptr);
    WatchEnd watched = watch.run();
    limit_ = watch.limit();
    if (!end_group(pid, nullptr, limit_)) {
      watched.findings.push_back(
          {.kind = "wedge",
           .sentence = "the measurement is over, but a task of it cannot be killed",
           .evidence = stacks_of(members(pid))});
      end_.wedged = true;
    }
    end_.record.seconds = watched.seconds;
    for (std::size_t number = 0; number < board->size(); ++number)
      collect(board->thread(number), end_.record);
    for (const auto& [name, value] : watched.numbers)
      end_.record.numbers[name] += value;
    per_break(end_.record);
    judge(std::move(watched), files ? &*files : nullptr);
    if (files && end_.wedged) files->abandon();
    return ok();
  }

  void judge(WatchEnd watched, MeasureFiles* files) {
    Verdict& verdict = end_.record.verdict;
    verdict.outcome = Outcome::pass;
    verdict.reason.clear();
    verdict.findings = std::move(watched.findings);
    std::string gap;
    if (files != nullptr && !end_.wedged) {
      auto data = files->check_data();
      if (data)
        verdict.findings.insert(verdict.findings.end(), data->begin(), data->end());
      else
        gap = data.error().message();
      look_at_counts(*files, gap);
    }
    look_at_log(gap);
    if (!verdict.findings.empty()) {
      verdict.outcome = Outcome::fail;
    } else if (!watched.trouble.empty() || !gap.empty()) {
      verdict.outcome = Outcome::inconclusive;
      verdict.reason = watched.trouble.empty() ? gap : watched.trouble;
    } else if (const std::string why = unexercised(); !why.empty()) {
      verdict.outcome = Outcome::inconclusive;
      verdict.reason = why;
    }
  }

  [[nodiscard]] bool measured(std::string_view series) const {
    const auto& all = end_.record.series;
    return std::any_of(all.begin(), all.end(), [&](const MeasuredSeries& one) {
      return (series.empty() || one.name == series) && one.latency.count() > 0;
    });
  }

  /// What a measurement that ran has not shown all the same; "" if there is nothing.
  [[nodiscard]] std::string unexercised() const {
    if (point_.load != storm_name)
      return measured("") ? ""
                          : "no operation came to its end while the clock ran; write a longer "
                            "runtime=";
    if (point_.pinner_count > 0 && !measured("pin")) return "no page could be held";
    if (point_.breaker_count == 0) return "";
    if (!measured("break"))
      return "no break came to its end while the clock ran: some page of the file was always held; "
             "write a longer pin_thinktime= or fewer pinners=";
    const auto sleeps = end_.record.numbers.find("sleeps per break");
    if (point_.pinner_count > 0 && sleeps != end_.record.numbers.end() && sleeps->second == 0)
      return "no break had to wait for a page";
    return "";
  }

  void look_at_counts(MeasureFiles& files, std::string& gap) {
    auto& findings = end_.record.verdict.findings;
    auto held = files.give_back(limit_);
    if (!held) {
      gap = held.error().message();
      return;
    }
    if (*held) {
      findings.push_back(std::move(**held));
      end_.wedged = true;
      return;
    }
    if (!setup_.view.census) {
      gap = setup_.view.observer_gap;
      return;
    }
    auto drift = files.check_counts(*setup_.view.census, setup_.view.scheme);
    if (!drift)
      gap = drift.error().message();
    else if (*drift)
      findings.push_back(std::move(**drift));
  }

  void look_at_log(std::string& gap) {
    if (!setup_.view.log) {
      if (gap.empty()) gap = setup_.view.observer_gap;
      return;
    }
    auto lines = setup_.view.log->lines();
    if (!lines) {
      gap = lines.error().message();
      return;
    }
    // One for each: a known one must not hide another.
    for (const std::string& line : *lines) {
      if (!is_complaint(line)) continue;
      const bool fatal = is_fatal(line);
      end_.record.verdict.findings.push_back(
          {.kind = fatal ? "kernel-oops" : "kernel-warning",
           .sentence = fmt::format("the kernel complained while it ran: {}", line),
           .evidence = {line}});
      end_.wedged = end_.wedged || fatal;
    }
  }

  const MeasurePoint& point_;
  const MeasureSetup& setup_;
  Watched watched_;
  Nanos limit_{};  ///< how long anything may take before it hangs
  Repetition end_;
};

/// Where nothing but pins counts a mapped page becomes idle with each release, and wakes: put and
/// wake_up_var() are entered for each of the 512 pages of a pin of 2 MiB. Hooks there cost what
/// they watch too much to be in any figure but those of puts and wakes.
bool wakes_with_each_release(const Scheme& scheme) {
  return scheme.per_mapping == 0 && scheme.per_entry == 0;
}

/// The verdict of two runs of the same: a finding outweighs, then what was not shown.
void join_verdicts(Verdict& one, Verdict other) {
  const auto weight = [](Outcome outcome) {
    return outcome == Outcome::fail ? 2 : outcome == Outcome::inconclusive ? 1 : 0;
  };
  if (weight(other.outcome) > weight(one.outcome)) {
    one.outcome = other.outcome;
    one.reason = std::move(other.reason);
  }
  for (Finding& finding : other.findings)
    one.findings.push_back(std::move(finding));
}

}  // namespace

MeasureRecord empty_measure(const MeasurePoint& point) {
  MeasureRecord record;
  record.kernel = point.kernel;
  record.job = point.job;
  record.load = point.load;
  record.engine = "daxbreak";
  record.filesystem = point.filesystem;
  record.page_size = point.page_size;
  record.point = point.swept;
  record.settings = settings_of(point);
  return record;
}

MeasureRecord skipped_measure(const MeasurePoint& point, const std::string& reason) {
  MeasureRecord record = empty_measure(point);
  record.verdict.outcome = Outcome::skip;
  record.verdict.reason = reason;
  return record;
}

std::string why_not_here(const MeasurePoint& point, const DaxDirectory& directory,
                         const Scheme& scheme) {
  if (!breaks_clones(point)) return "";
  if (scheme.per_entry != 0)
    return fmt::format(
        "a page that several files share does not become idle under {}: the entry of each of them "
        "holds a reference until its own layout is broken",
        scheme.name);
  if (auto proof = prove_reflink(directory.path); !proof)
    return fmt::format("files cannot share blocks on {} here: {}", point.filesystem,
                       proof.error().message());
  return "";
}

Repetition run_repetition(const MeasurePoint& point, unsigned number, const MeasureSetup& setup,
                          Watched watched) {
  return Run(point, number, setup, watched).run();
}

Repetition measure_once(const MeasurePoint& point, unsigned number, const MeasureSetup& setup) {
  // Plain loads have no breakers to follow.
  const bool storm = point.load == storm_name && point.breaker_count > 0;
  if (!storm || point.observe == Observe::no) return run_repetition(point, number, setup);
  if (point.observe == Observe::yes) return run_repetition(point, number, setup, Watched::wakes);
  const bool watched_first = number % 2 == 0;
  const bool apart = wakes_with_each_release(setup.view.scheme);
  const Watched watched = apart ? Watched::waits : Watched::wakes;
  Repetition first = run_repetition(point, number, setup, watched_first ? watched : Watched::no);
  if (first.wedged) {
    // Rates are those of the run without the observer: there is none.
    if (watched_first) first.record.series.clear();
    return first;
  }
  Repetition second = run_repetition(point, number, setup, watched_first ? Watched::no : watched);
  if (watched_first) std::swap(first, second);
  first.wedged = first.wedged || second.wedged;
  const bool both = first.record.verdict.outcome == Outcome::pass &&
                    second.record.verdict.outcome == Outcome::pass;
  if (!both) {
    join_verdicts(first.record.verdict, std::move(second.record.verdict));
    return first;
  }
  add_observed(first.record, second.record);
  if (!apart || first.wedged) return first;
  Repetition third = run_repetition(point, number, setup, Watched::wakes);
  first.wedged = third.wedged;
  if (third.record.verdict.outcome == Outcome::pass)
    add_missing(first.record, third.record);
  else
    join_verdicts(first.record.verdict, std::move(third.record.verdict));
  return first;
}

Result<MeasureDevice> MeasureDevices::get(std::uint64_t hold_ns) {
  constexpr std::uint64_t sector = 512;
  const std::uint64_t size = NullBlk::sectors() * sector;
  const auto known = devices_.find(hold_ns);
  if (known != devices_.end()) return MeasureDevice{.path = known->second.path(), .size = size};
  auto made = NullBlk::make(Nanos(static_cast<Nanos::rep>(hold_ns)));
  if (!made) return made.error();
  if (auto filled = fill_device(made->path(), size); !filled) return filled.error();
  const auto [at, fresh] = devices_.emplace(hold_ns, std::move(*made));
  return MeasureDevice{.path = at->second.path(), .size = size};
}

bool needs_device(const MeasurePoint& point) {
  if (const LoadKind* const kind = LoadRegistry::find(point.load)) return kind->block;
  return std::any_of(point.pins.begin(), point.pins.end(), [](const std::string& pin) {
    const StormPinKind* const kind = StormPinRegistry::find(pin);
    return kind != nullptr && kind->block;
  });
}

}  // namespace daxbreak
