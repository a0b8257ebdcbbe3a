// SPDX-License-Identifier: GPL-2.0
#include "result/fit.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <tuple>

#include "base/units.h"

namespace daxbreak {
namespace {

/// Those of a measurement that failed are of the failure.
bool has_figures(const MeasureRecord& record) {
  return record.verdict.outcome != Outcome::fail;
}

/// nullptr if it has none of that name, or no figures at all.
const MeasuredSeries* find_series(const MeasureRecord& record, std::string_view name) {
  if (!has_figures(record)) return nullptr;
  for (const MeasuredSeries& series : record.series)
    if (series.name == name) return &series;
  return nullptr;
}

bool counts_pages(std::string_view key) {
  return key == "mapped" || key == "size" || key == "bs";
}

/// What tells the points of one sweep from those of another: all but the swept key.
using Kin = std::tuple<std::string, std::string, std::string, std::string, std::string,
                       std::uint64_t, std::map<std::string, std::string>>;

Kin kin_of(const MeasureRecord& record, const std::string& without) {
  auto point = record.point;
  point.erase(without);
  return {record.kernel,     record.job,       record.load, record.engine,
          record.filesystem, record.page_size, point};
}

}  // namespace

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double Spread::percent() const {
  return median == 0 ? 0 : 50 * (most - least) / std::abs(median);
}

Spread spread_of(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {.median = median_of(values), .least = *least, .most = *most, .values = values.size()};
}

std::optional<LinearFit> fit_line(std::span<const std::pair<double, double>> points) {
  double weights = 0;
  double x_sum = 0;
  double y_sum = 0;
  double xx = 0;
  double xy = 0;
  double plain_sum = 0;
  for (const auto& [x, y] : points) {
    if (!(y > 0)) return std::nullopt;
    const double weight = 1 / (y * y);
    weights += weight;
    x_sum += weight * x;
    y_sum += weight * y;
    xx += weight * x * x;
    xy += weight * x * y;
    plain_sum += y;
  }
  const double determinant = (weights * xx) - (x_sum * x_sum);
  // Of one x only, what is left is rounding.
  if (points.size() < 2 || determinant <= 1e-12 * weights * xx) return std::nullopt;
  LinearFit fit;
  fit.b = ((weights * xy) - (x_sum * y_sum)) / determinant;
  fit.a = (y_sum - (fit.b * x_sum)) / weights;
  const double mean = plain_sum / static_cast<double>(points.size());
  double total = 0;
  double left = 0;
  for (const auto& [x, y] : points) {
    const double miss = y - (fit.a + (fit.b * x));
    left += miss * miss;
    total += (y - mean) * (y - mean);
  }
  fit.r2 = total > 0 ? 1 - (left / total) : 1;
  return fit;
}

std::vector<MeasureGroup> measure_groups(const std::vector<MeasureRecord>& measures) {
  std::vector<MeasureGroup> groups;
  std::map<Kin, std::size_t> places;
  for (const MeasureRecord& record : measures) {
    const auto [at, fresh] = places.try_emplace(kin_of(record, ""), groups.size());
    if (fresh) groups.emplace_back();
    groups[at->second].repetitions.push_back(&record);
  }
  return groups;
}

Spread rate_of(const MeasureGroup& group, std::string_view series) {
  std::vector<double> rates;
  for (const MeasureRecord* record : group.repetitions) {
    const MeasuredSeries* const found = find_series(*record, series);
    if (found == nullptr || record->seconds <= 0) continue;
    rates.push_back(static_cast<double>(found->latency.count()) / record->seconds);
  }
  return spread_of(rates);
}

Spread latency_of(const MeasureGroup& group, std::string_view series, double percent) {
  std::vector<double> values;
  for (const MeasureRecord* record : group.repetitions) {
    const MeasuredSeries* const found = find_series(*record, series);
    if (found == nullptr || found->latency.count() == 0) continue;
    values.push_back(static_cast<double>(found->latency.percentile(percent)));
  }
  return spread_of(values);
}

std::optional<Spread> number_of(const MeasureGroup& group, std::string_view name) {
  std::vector<double> values;
  bool counted = false;
  for (const MeasureRecord* record : group.repetitions) {
    if (!has_figures(*record)) continue;
    const auto at = record->numbers.find(std::string(name));
    const bool there = at != record->numbers.end();
    counted = counted || there;
    // It is recorded where it happened: where it is not there it did not.
    if (there || name == "starved breaks") values.push_back(there ? at->second : 0);
  }
  if (!counted) return std::nullopt;
  return spread_of(values);
}

std::optional<double> sweep_number(std::string_view key, std::string_view value,
                                   std::uint64_t page_size) {
  if (counts_pages(key)) {
    const auto bytes = parse_size(value);
    if (!bytes || page_size == 0) return std::nullopt;
    return static_cast<double>(*bytes) / static_cast<double>(page_size);
  }
  double number = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, problem] = std::from_chars(value.data(), end, number);
  if (problem != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::vector<Curve> curves_of(std::span<const MeasureGroup> groups, const std::string& series) {
  constexpr std::size_t least_points = 3;
  std::vector<Curve> curves;
  std::map<std::pair<std::string, Kin>, std::size_t> places;
  for (const MeasureGroup& group : groups) {
    const MeasureRecord& record = group.first();
    const double y = latency_of(group, series, 50).median;
    if (y <= 0) continue;
    for (const auto& [key, value] : record.point) {
      const auto x = sweep_number(key, value, record.page_size);
      if (!x) continue;
      const auto [at, fresh] =
          places.try_emplace(std::pair(key, kin_of(record, key)), curves.size());
      if (fresh)
        curves.push_back({.key = key,
                          .unit = counts_pages(key) ? "page" : key,
                          .series = series,
                          .points = {},
                          .fit = {},
                          .example = &record});
      curves[at->second].points.emplace_back(*x, y);
    }
  }
  std::erase_if(curves, [](const Curve& curve) { return curve.points.size() < least_points; });
  for (Curve& curve : curves) {
    std::sort(curve.points.begin(), curve.points.end());
    curve.fit = fit_line(curve.points);
  }
  return curves;
}

}  // namespace daxbreak
