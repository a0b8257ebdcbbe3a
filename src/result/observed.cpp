// SPDX-License-Identifier: GPL-2.0
#include "result/observed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace daxbreak {
namespace {

double count_of(const MeasureRecord& record, std::string_view name) {
  for (const MeasuredSeries& series : record.series)
    if (series.name == name) return static_cast<double>(series.latency.count());
  return 0;
}

double rate_of(const MeasureRecord& record, std::string_view series) {
  return record.seconds > 0 ? count_of(record, series) / record.seconds : 0;
}

}  // namespace

void per_break(MeasureRecord& record) {
  const double breaks = count_of(record, "break");
  for (const char* const name : {"scans", "sleeps", "spurious wakeups"}) {
    const auto at = record.numbers.find(name);
    if (at == record.numbers.end()) continue;
    if (breaks > 0) record.numbers[std::string(name) + " per break"] = at->second / breaks;
    record.numbers.erase(name);
  }
  const auto waiters = record.numbers.extract("waiters");
  const auto wakes = record.numbers.extract("wakes");
  if (waiters && wakes && wakes.mapped() > 0)
    record.numbers["waiters at a wake"] = waiters.mapped() / wakes.mapped();
}

void add_missing(MeasureRecord& plain, const MeasureRecord& observed) {
  for (const MeasuredSeries& series : observed.series) {
    const auto same = [&](const MeasuredSeries& one) { return one.name == series.name; };
    if (std::none_of(plain.series.begin(), plain.series.end(), same))
      plain.series.push_back(series);
  }
  // There only if it happened, and it did not happen there.
  for (const auto& [name, value] : observed.numbers)
    if (name != "starved breaks") plain.numbers.try_emplace(name, value);
}

void add_observed(MeasureRecord& plain, const MeasureRecord& observed) {
  add_missing(plain, observed);
  // Apart: there are many more pins than breaks, and most of their time is a pause.
  for (const char* const name : {"pin", "break"}) {
    const double without = rate_of(plain, name);
    const double with = rate_of(observed, name);
    if (without > 0)
      plain.numbers[fmt::format("observer cost, {}s", name)] = 100 * (1 - (with / without));
  }
}

}  // namespace daxbreak
