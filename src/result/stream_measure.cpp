// SPDX-License-Identifier: GPL-2.0
// Measurements in the event stream. Histograms are sparse: [bucket, values] of those not empty.
#include <algorithm>
#include <array>
#include <cmath>

#include "result/json_reader.h"
#include "result/stream.h"

namespace daxbreak {
namespace {

struct DirectionName {
  Direction direction;
  std::string_view name;
};
constexpr std::array directions{
    DirectionName{Direction::none, "none"}, DirectionName{Direction::read, "read"},
    DirectionName{Direction::write, "write"}, DirectionName{Direction::trim, "trim"}};

std::string_view name_of_direction(Direction direction) {
  for (const DirectionName& one : directions)
    if (one.direction == direction) return one.name;
  return "none";
}

/// JSON has no infinity and no NaN.
double finite(double value) {
  return std::isfinite(value) ? value : 0.0;
}

Json statistics_to_json(const Statistics& statistics) {
  const Statistics::Parts parts = statistics.parts();
  Json bins = Json::array();
  for (const auto& [bucket, values] : parts.bins)
    bins.push_back({bucket, values});
  return {{"min_ns", parts.min},
          {"max_ns", parts.max},
          {"mean_ns", finite(parts.mean)},
          {"squares", finite(parts.squares)},
          {"bins", std::move(bins)}};
}

Result<Statistics> statistics_from_json(const Json& json) {
  JsonReader in(json, "latency");
  Statistics::Parts parts{.min = in.need<std::int64_t>("min_ns"),
                          .max = in.need<std::int64_t>("max_ns"),
                          .mean = in.need<double>("mean_ns"),
                          .squares = in.need<double>("squares"),
                          .bins = {}};
  if (const Json* bins = in.child("bins", true)) {
    if (!bins->is_array()) in.fail("has \"bins\" that are no list");
    for (const Json& bin : *bins) {
      const bool pair = bin.is_array() && bin.size() == 2 && bin[0].is_number_unsigned() &&
                        bin[1].is_number_unsigned() &&
                        bin[0].get<std::uint64_t>() < Statistics::buckets;
      if (!pair) in.fail("has a wrong bin");
      if (!in.good()) break;
      parts.bins.emplace_back(bin[0].get<unsigned>(), bin[1].get<std::uint64_t>());
    }
  }
  if (!in.good()) return in.error();
  return Statistics::from(parts);
}

Json words_to_json(const std::map<std::string, std::string>& words) {
  Json json = Json::object();
  for (const auto& [key, value] : words)
    json[key] = value;
  return json;
}

std::map<std::string, std::string> words_from_json(const Json* json) {
  std::map<std::string, std::string> words;
  if (json != nullptr && json->is_object())
    for (const auto& [key, value] : json->items())
      if (value.is_string()) words[key] = value.get<std::string>();
  return words;
}

Json series_to_json(const MeasuredSeries& series) {
  return {{"name", series.name},
          {"direction", name_of_direction(series.direction)},
          {"bytes", series.bytes},
          {"count", series.latency.count()},  // for people and jq; not read back
          {"latency", statistics_to_json(series.latency)}};
}

Result<MeasuredSeries> series_from_json(const Json& json) {
  JsonReader in(json, "series");
  MeasuredSeries series;
  series.name = in.need<std::string>("name");
  const auto direction = in.take<std::string>("direction", "none");
  const auto* const known = std::find_if(directions.begin(), directions.end(),
                                         [&](const auto& d) { return d.name == direction; });
  if (known == directions.end())
    in.fail("has an unknown \"direction\": " + direction);
  else
    series.direction = known->direction;
  series.bytes = in.take<std::uint64_t>("bytes");
  if (const Json* latency = in.child("latency", true)) {
    auto statistics = statistics_from_json(*latency);
    if (statistics)
      series.latency = *statistics;
    else
      in.fail_with(statistics.error());
  }
  if (!in.good()) return in.error();
  return series;
}

}  // namespace

Json to_json(const MeasureRecord& record) {
  Json json;
  json["type"] = "measure";
  json["kernel"] = record.kernel;
  json["job"] = record.job;
  json["load"] = record.load;
  json["engine"] = record.engine;
  json["filesystem"] = record.filesystem;
  json["page_size"] = record.page_size;
  json["point"] = words_to_json(record.point);
  if (!record.settings.empty()) json["settings"] = words_to_json(record.settings);
  json["repetition"] = record.repetition;
  json["seconds"] = finite(record.seconds);
  Json series = Json::array();
  for (const MeasuredSeries& one : record.series)
    series.push_back(series_to_json(one));
  json["series"] = std::move(series);
  Json numbers = Json::object();
  for (const auto& [name, value] : record.numbers)
    numbers[name] = finite(value);
  json["numbers"] = std::move(numbers);
  json["verdict"] = to_json(record.verdict);
  return json;
}

Result<MeasureRecord> measure_from_json(const Json& json) {
  JsonReader in(json, "measure");
  MeasureRecord record;
  record.kernel = in.need<std::string>("kernel");
  record.job = in.take<std::string>("job");
  record.load = in.need<std::string>("load");
  record.engine = in.take<std::string>("engine");
  record.filesystem = in.take<std::string>("filesystem");
  record.page_size = in.take("page_size", record.page_size);
  record.point = words_from_json(in.child("point", false));
  record.settings = words_from_json(in.child("settings", false));
  record.repetition = in.take("repetition", record.repetition);
  record.seconds = in.take<double>("seconds");
  if (const Json* list = in.child("series", true)) {
    if (!list->is_array()) in.fail("has \"series\" that are no list");
    for (const Json& one : *list) {
      if (!in.good()) break;
      auto series = series_from_json(one);
      if (series)
        record.series.push_back(std::move(*series));
      else
        in.fail_with(series.error());
    }
  }
  if (const Json* numbers = in.child("numbers", false); numbers != nullptr && numbers->is_object())
    for (const auto& [name, value] : numbers->items())
      if (value.is_number()) record.numbers[name] = value.get<double>();
  if (const Json* verdict = in.child("verdict", true)) {
    auto read = verdict_from_json(*verdict);
    if (read)
      record.verdict = std::move(*read);
    else
      in.fail_with(read.error());
  }
  if (!in.good()) return in.error();
  return record;
}

}  // namespace daxbreak
