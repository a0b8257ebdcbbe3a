// SPDX-License-Identifier: GPL-2.0
/// Measurements put together: repetitions, medians, and lines through the points of a sweep. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "result/measure.h"

namespace daxbreak {

/// The middle of the values, of an even number the mean of the two in the middle; 0 of none.
[[nodiscard]] double median_of(std::vector<double> values);

/// A median and how far apart the values are.
struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
  std::size_t values = 0;  ///< of how many it is told

  /// Half of what lies between least and most, in percent of the median.
  [[nodiscard]] double percent() const;
};
[[nodiscard]] Spread spread_of(const std::vector<double>& values);

/// y = a + b x, by least squares of the relative distances: small points count as much as large
/// ones, of which a sweep over powers of two would else show nothing but the last.
struct LinearFit {
  double a = 0;
  double b = 0;
  double r2 = 0;  ///< how much of the values' variance the line explains, unweighted; 1: all
};
/// Nothing below two different x, or where a y is not positive.
[[nodiscard]] std::optional<LinearFit> fit_line(std::span<const std::pair<double, double>> points);

/// All repetitions of one point.
struct MeasureGroup {
  std::vector<const MeasureRecord*> repetitions;  ///< never empty, in the run's order

  [[nodiscard]] const MeasureRecord& first() const { return *repetitions.front(); }
};

/// The points of a run in its order. They refer to the records.
[[nodiscard]] std::vector<MeasureGroup> measure_groups(const std::vector<MeasureRecord>& measures);

/// Operations a second of a series, over the repetitions that measured something.
[[nodiscard]] Spread rate_of(const MeasureGroup& group, std::string_view series);
/// A percentile of a series' latency, in nanoseconds, over the repetitions.
[[nodiscard]] Spread latency_of(const MeasureGroup& group, std::string_view series, double percent);
/// A number over the repetitions that have it; nothing if none has.
[[nodiscard]] std::optional<Spread> number_of(const MeasureGroup& group, std::string_view name);

/// What the value of a swept key counts: pages for "mapped", "size" and "bs", else itself. Nothing
/// if it is no number.
[[nodiscard]] std::optional<double> sweep_number(std::string_view key, std::string_view value,
                                                 std::uint64_t page_size);

/// A sweep over one numeric key, all else equal, of at least three points.
struct Curve {
  std::string key;     ///< "mapped"
  std::string unit;    ///< "page", "breakers"
  std::string series;  ///< whose median latency it is, nanoseconds
  std::vector<std::pair<double, double>> points;
  std::optional<LinearFit> fit;
  const MeasureRecord* example = nullptr;  ///< kernel, job, load, filesystem, and the other keys
};

/// The curves of a series among these groups.
[[nodiscard]] std::vector<Curve> curves_of(std::span<const MeasureGroup> groups,
                                           const std::string& series);

}  // namespace daxbreak
