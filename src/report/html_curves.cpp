// SPDX-License-Identifier: GPL-2.0
#include "report/html_curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "base/units.h"
#include "report/groups.h"
#include "result/fit.h"

namespace daxbreak::html {
namespace {

constexpr std::size_t most_samples = 400;

Json thinned(std::vector<std::int64_t> samples) {
  std::sort(samples.begin(), samples.end());
  if (samples.size() <= most_samples) return samples;
  Json some = Json::array();
  for (std::size_t i = 0; i < most_samples; ++i)
    some.push_back(samples[i * (samples.size() - 1) / (most_samples - 1)]);
  return some;
}

using Point = std::map<std::string, std::string>;

/// What stays the same along a curve's plot.
struct Place {
  std::string job, load, filesystem;
  std::uint64_t page_size = 0;

  auto operator<=>(const Place&) const = default;

  [[nodiscard]] std::string where() const {
    return fmt::format("{}/{}", filesystem, format_size(page_size));
  }
  [[nodiscard]] std::string what() const {
    return job.empty() || job == load ? load : fmt::format("{} ({})", load, job);
  }
};

/// Repetitions of one series at one point.
struct Sample {
  std::vector<double> p50, p99, rate;

  void add(const MeasuredSeries& series, double seconds) {
    p50.push_back(static_cast<double>(series.latency.percentile(50)));
    p99.push_back(static_cast<double>(series.latency.percentile(99)));
    if (seconds > 0) rate.push_back(static_cast<double>(series.latency.count()) / seconds);
  }
  [[nodiscard]] Json json() const {
    const auto [least, most] = std::minmax_element(p50.begin(), p50.end());
    Json all = Json::array({median_of(p50), *least, *most});
    all.push_back(rate.empty() ? Json() : Json(median_of(rate)));
    all.push_back(p50.size());
    return all;
  }
};

Place place_of(const MeasureRecord& measure) {
  return {measure.job, measure.load, measure.filesystem, measure.page_size};
}

/// A measurement that failed has no figures to compare; one that proved nothing has.
bool counts(const MeasureRecord& measure) {
  return measure.verdict.outcome != Outcome::skip && measure.verdict.outcome != Outcome::fail;
}

std::string engine_of(const MeasureRecord& measure) {
  return measure.engine == "daxbreak" ? "" : measure.engine;
}

std::string text_of(const Point& point) {
  std::string text;
  for (const auto& [key, value] : point)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", key, value);
  return text;
}

/// The keys that have several values among the measurements of a place.
std::map<Place, std::set<std::string>> swept_keys(const RunRecord& run) {
  std::map<Place, std::map<std::string, std::set<std::string>>> values;
  for (const MeasureRecord& measure : run.measures)
    if (counts(measure))
      for (const auto& [key, value] : measure.point)
        values[place_of(measure)][key].insert(value);
  std::map<Place, std::set<std::string>> keys;
  for (const auto& [place, of_key] : values)
    for (const auto& [key, all] : of_key)
      if (all.size() > 1) keys[place].insert(key);
  return keys;
}

using CurveName = std::tuple<std::string, std::string, std::string>;  // kernel, engine, other keys
using Curves = std::map<CurveName, std::map<std::string, Sample>>;    // by the swept value

Json curves_json(const Curves& curves) {
  Json all = Json::array();
  for (const auto& [name, points] : curves) {
    const auto& [kernel, engine, others] = name;
    std::vector<std::pair<std::optional<double>, std::string>> order;
    for (const auto& [value, sample] : points)
      order.emplace_back(swept_number(value), value);
    std::sort(order.begin(), order.end());
    Json list = Json::array();
    for (const auto& [number, value] : order) {
      Json point = Json::array({number ? Json(*number) : Json(), value});
      for (Json& one : points.at(value).json())
        point.push_back(std::move(one));
      list.push_back(std::move(point));
    }
    std::string label = engine;
    if (!others.empty()) label += (label.empty() ? "" : ", ") + others;
    all.push_back({{"kernel", kernel}, {"label", label}, {"points", std::move(list)}});
  }
  return all;
}

}  // namespace

std::optional<double> swept_number(const std::string& text) {
  if (auto size = parse_size(text)) return static_cast<double>(*size);
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || last != end) return std::nullopt;
  return number;
}

Json latencies_json(const RunRecord& run, const std::vector<KnownFinding>& known) {
  Json all = Json::array();
  for (const Group& group : groups_of(run, known, GroupBy::kernel)) {
    const auto add = [&](const char* name, const std::vector<std::int64_t>& samples) {
      if (samples.empty()) return;
      all.push_back({{"kernel", group.kernel},
                     {"name", name},
                     {"n", samples.size()},
                     {"samples", thinned(samples)}});
    };
    add("break", group.break_ns);
    add("wake", group.wake_ns);
    add("put-to-wake", group.put_to_wake_ns);
  }
  return all;
}

Json sweeps_json(const RunRecord& run) {
  Json all = Json::array();
  for (const auto& [place, keys] : swept_keys(run))
    for (const std::string& key : keys) {
      std::map<std::string, Curves> by_series;
      std::vector<std::string> order;
      for (const MeasureRecord& measure : run.measures) {
        if (!counts(measure) || place_of(measure) != place || !measure.point.contains(key))
          continue;
        Point others = measure.point;
        const std::string value = others.extract(key).mapped();
        std::erase_if(others, [&](const auto& pair) { return !keys.contains(pair.first); });
        for (const MeasuredSeries& series : measure.series) {
          if (series.latency.count() == 0) continue;
          if (!by_series.contains(series.name)) order.push_back(series.name);
          by_series[series.name][{measure.kernel, engine_of(measure), text_of(others)}][value].add(
              series, measure.seconds);
        }
      }
      for (const std::string& name : order)
        all.push_back({{"load", place.what()},
                       {"place", place.where()},
                       {"key", key},
                       {"series", name},
                       {"curves", curves_json(by_series.at(name))}});
    }
  return all;
}

Json costs_json(const RunRecord& run) {
  using Row =
      std::tuple<Place, std::string, std::string, std::string>;  // ... engine, point, series
  std::vector<Row> rows;
  std::vector<std::string> kernels;
  std::map<std::pair<std::size_t, std::size_t>, Sample> cells;
  std::map<std::tuple<std::size_t, std::size_t, std::string>, std::vector<double>> numbers;
  const auto number_in = [](auto& list, const auto& value) {
    const auto at = std::find(list.begin(), list.end(), value);
    if (at != list.end()) return static_cast<std::size_t>(at - list.begin());
    list.push_back(value);
    return list.size() - 1;
  };
  for (const MeasureRecord& measure : run.measures) {
    if (!counts(measure)) continue;
    const std::size_t kernel = number_in(kernels, measure.kernel);
    const auto row_of = [&](const std::string& series) {
      return number_in(rows,
                       Row{place_of(measure), engine_of(measure), text_of(measure.point), series});
    };
    for (const MeasuredSeries& series : measure.series)
      if (series.latency.count() > 0)
        cells[{row_of(series.name), kernel}].add(series, measure.seconds);
    for (const auto& [name, value] : measure.numbers)
      numbers[{row_of(""), kernel, name}].push_back(value);
  }
  Json out = {{"kernels", kernels},
              {"rows", Json::array()},
              {"cells", Json::array()},
              {"numbers", Json::array()}};
  for (const auto& [place, engine, point, series] : rows)
    out["rows"].push_back({place.what(), place.where(), engine, point, series});
  for (const auto& [at, sample] : cells) {
    const auto [least, most] = std::minmax_element(sample.p50.begin(), sample.p50.end());
    out["cells"].push_back(
        {at.first, at.second, median_of(sample.p50), *least, *most, median_of(sample.p99),
         sample.rate.empty() ? Json() : Json(median_of(sample.rate)), sample.p50.size()});
  }
  for (const auto& [at, values] : numbers) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    out["numbers"].push_back(
        {std::get<0>(at), std::get<1>(at), std::get<2>(at), median_of(values), *least, *most});
  }
  return out;
}

}  // namespace daxbreak::html
