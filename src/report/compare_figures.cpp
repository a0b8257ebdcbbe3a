// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>

#include "report/cells.h"
#include "report/compare_parts.h"
#include "report/groups.h"
#include "report/tally.h"
#include "result/fit.h"

namespace daxbreak {
namespace {

/// One latency of trials, under the name that fio_text.h gives it.
struct TrialMeasure {
  std::string_view name;
  std::optional<std::int64_t> Measures::*value;
  bool only_unpoked;  ///< as groups.cpp has it: a signal's time says nothing about the kernel
};
constexpr std::array<TrialMeasure, 3> trial_measures{
    TrialMeasure{"break", &Measures::break_ns, true},
    TrialMeasure{"wake", &Measures::wake_ns, true},
    TrialMeasure{"put-wake", &Measures::put_to_wake_ns, false},
};

/// The values of one cell, by repetition; a trial that did not get so far has none.
using Values = std::vector<std::optional<double>>;
using Cells = std::map<std::string, Values>;

/// The trials of a kernel that ran, in the order of the plan, so that a cell's n-th is its n-th
/// repetition.
std::vector<const TrialRecord*> trials_of(const KernelPart& part) {
  std::vector<const TrialRecord*> trials;
  for (const TrialRecord& trial : part.run.trials)
    if (trial.timeline.cell.kernel == part.kernel && trial.verdict.outcome != Outcome::skip)
      trials.push_back(&trial);
  std::stable_sort(trials.begin(), trials.end(),
                   [](const TrialRecord* a, const TrialRecord* b) { return a->index < b->index; });
  return trials;
}

std::string group_name(const Cell& cell, CompareBy by) {
  switch (by) {
    case CompareBy::kernel:
      return "all pins";
    case CompareBy::pin:
      return pin_label(cell);
    case CompareBy::cell:
      return cell.id();
  }
  return "";
}

/// The cells of each group that have a value at all. Groups are in the order of the run.
std::vector<std::pair<std::string, Cells>> grouped(const std::vector<const TrialRecord*>& trials,
                                                   const TrialMeasure& measure, CompareBy by) {
  std::vector<std::pair<std::string, Cells>> groups;
  for (const TrialRecord* trial : trials) {
    const Cell& cell = trial->timeline.cell;
    const std::string name = group_name(cell, by);
    auto at = std::find_if(groups.begin(), groups.end(),
                           [&](const auto& group) { return group.first == name; });
    if (at == groups.end()) at = groups.insert(groups.end(), {name, {}});
    const auto& value = trial->verdict.measures.*measure.value;
    const bool counts = value && !(measure.only_unpoked && ended_by_signal(trial->timeline));
    at->second[cell.id()].push_back(
        counts ? std::optional(std::max(1.0, static_cast<double>(*value))) : std::nullopt);
  }
  return groups;
}

double mean_log(const Values& values) {
  double sum = 0;
  std::size_t count = 0;
  for (const auto& value : values)
    if (value) {
      sum += std::log(*value);
      ++count;
    }
  return sum / static_cast<double>(count);
}

bool has_any(const Values& values) {
  return std::any_of(values.begin(), values.end(), [](const auto& value) { return !!value; });
}

/// One number for each repetition: the median over the cells of how far they are from their own
/// centres. A cell that is missing in a repetition moves nothing that way, however much slower than
/// the others it usually is.
std::vector<double> repetitions(const Cells& cells, const std::map<std::string, double>& centres,
                                double level) {
  std::size_t most = 0;
  for (const auto& [name, values] : cells)
    most = std::max(most, values.size());
  std::vector<double> numbers;
  for (std::size_t repetition = 0; repetition < most; ++repetition) {
    std::vector<double> apart;
    for (const auto& [name, values] : cells)
      if (const auto centre = centres.find(name);
          centre != centres.end() && repetition < values.size() && values[repetition])
        apart.push_back(std::log(*values[repetition]) - centre->second);
    if (!apart.empty()) numbers.push_back(std::exp(level + median_of(std::move(apart))));
  }
  return numbers;
}

/// The figure of one group; nothing if no cell has values on both sides.
std::optional<Figure> figure_of(const Cells& base, const Cells& other) {
  std::map<std::string, double> centres;
  double level = 0;
  bool same = true;
  for (const auto& [name, values] : base) {
    const auto there = other.find(name);
    if (there == other.end() || !has_any(values) || !has_any(there->second)) continue;
    // Both sides weigh the same in it, however many repetitions they have.
    centres[name] = (mean_log(values) + mean_log(there->second)) / 2;
    level += centres[name];
    same = same && values == there->second;
  }
  if (centres.empty()) return std::nullopt;
  level /= static_cast<double>(centres.size());
  return Figure{.cells = centres.size(),
                .base = repetitions(base, centres, level),
                .other = repetitions(other, centres, level),
                .same = same};
}

/// Why times of the two sides say nothing about the kernels; "" if they may.
std::string hindrance(const KernelPart& base, const KernelPart& other) {
  const Environment here = environment_of(base.run, base.kernel);
  const Environment there = environment_of(other.run, other.kernel);
  const auto called = [](const std::string& accelerator) {
    return accelerator.empty() ? "one that was not said" : accelerator;
  };
  if (here.accelerator != there.accelerator)
    return fmt::format("accelerators differ: {} and {}", called(here.accelerator),
                       called(there.accelerator));
  if (!here.clock_source.empty() && !there.clock_source.empty() &&
      here.clock_source != there.clock_source)
    return fmt::format("clock sources differ: {} and {}", here.clock_source, there.clock_source);
  return "";
}

using Settings = std::map<std::string, std::string>;

/// Whether another value of a key makes it another measurement. How long it ran, from which seed,
/// and what files and devices are called does not.
bool matters(std::string_view key) {
  constexpr std::array<std::string_view, 7> indifferent{
      "runtime", "ramp_time", "seed", "--runtime", "--ramp_time", "--randseed", "--filename"};
  return std::find(indifferent.begin(), indifferent.end(), key) == indifferent.end();
}

/// What two points of one name do not have in common: "pinners=1 and pinners=4"; "" if one side did
/// not say.
std::string settings_differ(const Settings& base, const Settings& other) {
  if (base.empty() || other.empty()) return "";
  Settings all = base;
  all.insert(other.begin(), other.end());
  std::string mine;
  std::string theirs;
  const auto add = [](std::string& text, const Settings& side, const std::string& key) {
    const auto said = side.find(key);
    text += (text.empty() ? "" : " ") +
            (said == side.end() ? "no " + key : fmt::format("{}={}", key, said->second));
  };
  for (const auto& [key, value] : all) {
    const auto here = base.find(key);
    const auto there = other.find(key);
    const bool both = here != base.end() && there != other.end();
    // A key that one side does not have is one of a newer version, or has no value. An option of
    // fio's is one that fio was not given.
    if (!matters(key) || (both ? here->second == there->second : !key.starts_with("--"))) continue;
    add(mine, base, key);
    add(theirs, other, key);
  }
  return mine.empty() ? "" : fmt::format("{} and {}", mine, theirs);
}

/// All repetitions at one point.
struct Group {
  std::size_t records = 0;  ///< that neither failed nor were skipped
  Settings settings;
};

/// Repetitions of one series at one point, in the order of the run.
struct Point {
  std::string group;
  std::string series;
  Direction direction = Direction::none;
  std::vector<double> rates;
  std::vector<double> medians;
  std::vector<std::pair<std::uint64_t, std::int64_t>> exact;  // counts, and times and maxima
};

/// Figures without a latency of their own that storms count; fewer of them is less work.
constexpr std::array<std::string_view, 2> fewer_is_better{"scans per break",
                                                          "spurious wakeups per break"};

/// All that a side has measured.
struct Side {
  std::map<std::string, Group> groups;
  std::vector<Point> points;

  [[nodiscard]] const Point* find(const Point& wanted) const {
    for (const Point& point : points)
      if (point.group == wanted.group && point.series == wanted.series) return &point;
    return nullptr;
  }
  /// Those that ended an operation may be the lucky ones; "" if all did.
  [[nodiscard]] std::string without_values(const Point& point) const {
    const std::size_t values = std::max(point.rates.size(), point.medians.size());
    const std::size_t records = groups.at(point.group).records;
    if (values >= records) return "";
    return fmt::format(
        "{} of {} repetitions {}", records - values, records,
        point.direction == Direction::none ? "had none of it" : "ended no operation");
  }
};

Side side_of(const KernelPart& part) {
  Side side;
  std::vector<Point>& points = side.points;
  const auto point_named = [&](const std::string& group, const std::string& series) -> Point& {
    for (Point& point : points)
      if (point.group == group && point.series == series) return point;
    return points.emplace_back(Point{.group = group, .series = series});
  };
  for (const MeasureRecord& measure : part.run.measures) {
    // Figures of one that failed are figures of the failure.
    if (measure.kernel != part.kernel || measure.verdict.outcome == Outcome::skip ||
        measure.verdict.outcome == Outcome::fail)
      continue;
    const std::string group = point_name(measure);
    Group& all = side.groups[group];
    ++all.records;
    if (all.settings.empty()) all.settings = measure.settings;
    for (const MeasuredSeries& series : measure.series) {
      if (series.latency.count() == 0) continue;
      Point& point = point_named(group, series.name);
      point.direction = series.direction;
      const auto count = static_cast<double>(series.latency.count());
      if (measure.seconds > 0) point.rates.push_back(count / measure.seconds);
      point.medians.push_back(std::max(1.0, static_cast<double>(series.latency.percentile(50))));
      point.exact.emplace_back(series.latency.count(), std::llround(measure.seconds * 1e9));
      point.exact.emplace_back(series.latency.min(), series.latency.max());
    }
    for (const auto& [name, number] : measure.numbers)
      if (number > 0 &&
          std::find(fewer_is_better.begin(), fewer_is_better.end(), name) != fewer_is_better.end())
        point_named(group, name).rates.push_back(number);
  }
  return side;
}

/// Operations that `other` ended at a point where `side` ran and ended none at all.
void add_standstills(Side& side, const Side& other) {
  for (const Point& point : other.points)
    if (point.direction != Direction::none && side.groups.contains(point.group) &&
        side.find(point) == nullptr)
      side.points.push_back(
          {.group = point.group, .series = point.series, .direction = point.direction});
}

/// Why a point cannot be compared; "" if it can.
std::string hindrance_at(const Point& mine, const Side& base, const Point& theirs,
                         const Side& other) {
  if (std::string why = settings_differ(base.groups.at(mine.group).settings,
                                        other.groups.at(theirs.group).settings);
      !why.empty())
    return why;
  std::string why = base.without_values(mine);
  return why.empty() ? other.without_values(theirs) : why;
}

}  // namespace

std::vector<Figure> trial_figures(const KernelPart& base, const KernelPart& other, CompareBy by) {
  const auto left = trials_of(base);
  const auto right = trials_of(other);
  const std::string why_not = hindrance(base, other);
  std::vector<Figure> figures;
  for (const TrialMeasure& measure : trial_measures) {
    const auto theirs = grouped(right, measure, by);
    for (const auto& [name, cells] : grouped(left, measure, by)) {
      const auto there =
          std::find_if(theirs.begin(), theirs.end(),
                       [&, &wanted = name](const auto& group) { return group.first == wanted; });
      if (there == theirs.end()) continue;
      auto figure = figure_of(cells, there->second);
      if (!figure) continue;
      figure->measure = measure.name;
      figure->group = name;
      figure->hindrance = why_not;
      figures.push_back(std::move(*figure));
    }
  }
  return figures;
}

std::vector<Figure> measure_figures(const KernelPart& base, const KernelPart& other) {
  Side left = side_of(base);
  Side right = side_of(other);
  add_standstills(left, right);
  add_standstills(right, left);
  const std::string why_not = hindrance(base, other);
  std::vector<Figure> figures;
  for (const Point& mine : left.points) {
    const Point* const there = right.find(mine);
    if (there == nullptr) continue;
    const bool operation = mine.direction != Direction::none;
    const bool series = operation || !mine.medians.empty();
    Figure figure{.measure = mine.series,
                  .group = mine.group,
                  .good = Good::lower,
                  .unit = FigureUnit::plain,
                  .rate = true,
                  .base = mine.rates,
                  .other = there->rates,
                  .same = mine.rates == there->rates && mine.exact == there->exact,
                  .hindrance = why_not.empty() ? hindrance_at(mine, left, *there, right) : why_not};
    // An interval, as from the last put to the wake, comes no more often for being shorter.
    if (operation) {
      figure.measure = mine.series + " rate";
      figure.good = Good::higher;
      figure.unit = FigureUnit::per_second;
    }
    if ((operation || !series) && !(mine.rates.empty() && there->rates.empty()))
      figures.push_back(figure);
    if (mine.medians.empty() || there->medians.empty()) continue;
    figure.measure = mine.series + " latency";
    figure.good = Good::lower;
    figure.unit = FigureUnit::nanoseconds;
    figure.base = mine.medians;
    figure.other = there->medians;
    figure.resolution = 1.0 / Statistics::per_group;
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace daxbreak
