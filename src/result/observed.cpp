// SPDX-License-Identifier: GPL-2.0
#include "result/observed.h"

#include <algorithm>
#include <array>
#include <string>

namespace daxbreak {
namespace {

double count_of(const MeasureRecord& record, std::string_view name) {
  for (const MeasuredSeries& series : record.series)
    if (series.name == name) return static_cast<double>(series.latency.count());
  return 0;
}

}  // namespace

double operations_per_second(const MeasureRecord& record) {
  if (record.seconds <= 0) return 0;
  return (count_of(record, "pin") + count_of(record, "break")) / record.seconds;
}

void per_break(MeasureRecord& record) {
  const double breaks = count_of(record, "break");
  for (const char* const name : {"scans", "sleeps", "spurious wakeups"}) {
    const auto at = record.numbers.find(name);
    if (at == record.numbers.end()) continue;
    if (breaks > 0) record.numbers[std::string(name) + " per break"] = at->second / breaks;
    record.numbers.erase(name);
  }
}

void add_observed(MeasureRecord& plain, const MeasureRecord& observed) {
  for (const MeasuredSeries& series : observed.series) {
    const auto same = [&](const MeasuredSeries& one) { return one.name == series.name; };
    if (std::none_of(plain.series.begin(), plain.series.end(), same))
      plain.series.push_back(series);
  }
  for (const auto& [name, value] : observed.numbers)
    plain.numbers.try_emplace(name, value);
  const double without = operations_per_second(plain);
  const double with = operations_per_second(observed);
  if (without > 0) plain.numbers["observer cost"] = 100 * (1 - (with / without));
}

}  // namespace daxbreak
