// SPDX-License-Identifier: GPL-2.0
#include "report/cost_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "report/measure_text.h"

namespace daxbreak {
namespace {

constexpr double median_percent = 50;

struct Label {
  std::string_view name;
  std::string_view label;
};

/// Series, then numbers, in the order in which they are told.
constexpr std::array labels{Label{"break", "a break"},
                            Label{"last-put-to-wake", "last put → wake"},
                            Label{"wake-to-run", "wake → waiter runs"},
                            Label{"run-to-return", "waiter runs → return"},
                            Label{"last-put-to-return", "last put → return"},
                            Label{"pin", "a pin"},
                            Label{"get", "a reference taken"},
                            Label{"put", "a reference dropped"},
                            Label{"release", "a release"},
                            Label{"fault", "a fault"},
                            Label{"fault all", "faulting in all that is mapped"},
                            Label{"fault range", "faulting a clone in"},
                            Label{"share", "sharing the blocks again"},
                            Label{"scans per break", "scans per break"},
                            Label{"sleeps per break", "sleeps per break"},
                            Label{"spurious wakeups per break", "spurious wakeups per break"},
                            Label{"waiters at a wake", "waiters at a wake"}};

const Label* find_label(std::string_view name) {
  return std::find_if(labels.begin(), labels.end(),
                      [&](const Label& label) { return label.name == name; });
}

std::string label_of(std::string_view name) {
  const Label* const known = find_label(name);
  return std::string(known == labels.end() ? name : known->label);
}

/// Known names come first, then the others in the order of their coming; what the observer cost is
/// said last.
void sort_by_label(std::vector<CostQuantity>& quantities) {
  const auto place = [](const CostQuantity& one) {
    return std::pair(is_observer_cost(one.name), find_label(one.name));
  };
  std::stable_sort(quantities.begin(), quantities.end(),
                   [&](const CostQuantity& left, const CostQuantity& right) {
                     return place(left) < place(right);
                   });
}

/// "breaks/s".
std::string rate_label(std::string_view name) {
  return fmt::format("{}{}/s", name, name.ends_with("ch") ? "es" : "s");
}

/// Whether the time between two operations is the load's own. Those that break what they have
/// mapped fault it in first, on the same clock.
bool has_rates(const MeasureRecord& record) {
  return !record.load.starts_with("break-");
}

/// A median and its spread; "" where no repetition has the figure.
std::string figure_of(const MeasureGroup& group, const CostQuantity& what) {
  if (what.kind == CostKind::number) {
    const auto number = number_of(group, what.name);
    if (!number) return "";
    return number_text(what.name, number->median) +
           (number->values < 2 ? "" : range_text(what.name, *number));
  }
  const bool rate = what.kind == CostKind::rate;
  const Spread spread =
      rate ? rate_of(group, what.name) : latency_of(group, what.name, median_percent);
  if (spread.values == 0) return "";
  return (rate ? figure_text(spread.median) : latency_text(spread.median)) + spread_text(spread);
}

/// Why there is no figure.
std::string gap_of(const MeasureGroup& group, const CostQuantity& what) {
  bool failed = false;
  bool unproved = false;
  bool ran = false;
  bool tried = false;
  for (const MeasureRecord* record : group.repetitions) {
    const Outcome outcome = record->verdict.outcome;
    failed = failed || outcome == Outcome::fail;
    unproved = unproved || outcome == Outcome::inconclusive;
    if (outcome == Outcome::fail || record->series.empty()) continue;
    ran = true;
    for (const MeasuredSeries& series : record->series)
      tried = tried || (what.kind == CostKind::latency && series.name == what.name);
  }
  if (ran) return tried ? "none" : unproved ? "inconclusive" : "-";
  return failed ? "failed" : unproved ? "inconclusive" : "skipped";
}

}  // namespace

std::vector<CostQuantity> cost_quantities(std::span<const MeasureGroup> groups) {
  std::vector<CostQuantity> latencies;
  std::vector<CostQuantity> rates;
  std::vector<CostQuantity> numbers;
  const auto add = [](std::vector<CostQuantity>& list, CostQuantity one) {
    if (std::find(list.begin(), list.end(), one) == list.end()) list.push_back(std::move(one));
  };
  for (const MeasureGroup& group : groups)
    for (const MeasureRecord* record : group.repetitions) {
      if (record->verdict.outcome == Outcome::fail) continue;
      for (const MeasuredSeries& series : record->series) {
        add(latencies, {CostKind::latency, series.name, label_of(series.name)});
        if (series.direction != Direction::none && has_rates(*record))
          add(rates, {CostKind::rate, series.name, rate_label(series.name)});
      }
      for (const auto& [name, value] : record->numbers)
        // What a load missed is told where it missed anything.
        if (value != 0 || !name.starts_with("missed "))
          add(numbers, {CostKind::number, name, label_of(name)});
    }
  sort_by_label(latencies);
  sort_by_label(rates);
  sort_by_label(numbers);
  latencies.insert(latencies.end(), rates.begin(), rates.end());
  latencies.insert(latencies.end(), numbers.begin(), numbers.end());
  return latencies;
}

bool all_passed(const MeasureGroup& group) {
  return std::all_of(
      group.repetitions.begin(), group.repetitions.end(),
      [](const MeasureRecord* record) { return record->verdict.outcome == Outcome::pass; });
}

std::string cost_figure(const MeasureGroup& group, const CostQuantity& what) {
  const std::string figure = figure_of(group, what);
  if (figure.empty()) return gap_of(group, what);
  return all_passed(group) ? figure : figure + " ?";
}

}  // namespace daxbreak
