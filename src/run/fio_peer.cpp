// SPDX-License-Identifier: GPL-2.0
#include "run/fio_peer.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/command.h"
#include "base/file.h"
#include "base/text.h"
#include "result/json_reader.h"

namespace daxbreak {
namespace {

using Json = nlohmann::ordered_json;

const char* key_of(Direction direction) {
  switch (direction) {
    case Direction::read:
      return "read";
    case Direction::write:
      return "write";
    case Direction::trim:
      return "trim";
    case Direction::none:
      break;
  }
  return "";
}

/// fio's histogram and moments. Its buckets are named by their middles.
Result<Statistics> values_of(const Json& latency, const std::string& what) {
  JsonReader in(latency, what);
  const auto count = in.need<std::uint64_t>("N");
  const auto mean = in.need<double>("mean");
  const auto deviation = in.need<double>("stddev");
  const Json* const bins = in.child("bins", count > 0);
  Statistics::Parts parts{.min = in.need<std::int64_t>("min"),
                          .max = in.need<std::int64_t>("max"),
                          .mean = mean,
                          .squares = 0,
                          .bins = {}};
  if (!in.good()) return in.error();
  if (count == 0) return Statistics{};
  parts.squares = deviation * deviation * static_cast<double>(count - 1);
  std::uint64_t seen = 0;
  for (const auto& [key, number] : bins->items()) {
    std::uint64_t middle = 0;
    const auto read = std::from_chars(key.data(), key.data() + key.size(), middle);
    if (read.ec != std::errc() || read.ptr != key.data() + key.size() ||
        !number.is_number_unsigned())
      return Error{fmt::format("{} has a bucket \"{}\" that is none", what, key)};
    parts.bins.emplace_back(Statistics::bucket_of(middle), number.get<std::uint64_t>());
    seen += parts.bins.back().second;
  }
  if (seen != count)
    return Error{fmt::format("{} has {} values in its buckets and {} in all", what, seen, count)};
  return Statistics::from(parts);
}

/// One direction of a job; nullopt without operations.
Result<std::optional<MeasuredSeries>> series_of(const Json& job, const LoadSeries& name,
                                                FioLatency kind) {
  const std::string key = key_of(name.direction);
  const auto at = job.find(key);
  if (at == job.end()) return Error{"fio's job has no \"" + key + "\""};
  JsonReader in(*at, "fio's " + key);
  const auto operations = in.need<std::uint64_t>("total_ios");
  const auto bytes = in.need<std::uint64_t>("io_bytes");
  const char* const which = kind == FioLatency::clat ? "clat_ns" : "lat_ns";
  const Json* const latency = in.child(which, true);
  if (!in.good()) return in.error();
  if (operations == 0) return std::optional<MeasuredSeries>{};
  auto values = values_of(*latency, fmt::format("fio's {} of {}", which, key));
  if (!values) return values.error();
  return std::optional<MeasuredSeries>(MeasuredSeries{.name = std::string(name.name),
                                                      .direction = name.direction,
                                                      .bytes = bytes,
                                                      .latency = *values});
}

}  // namespace

Result<FioResult> read_fio_json(std::string_view text, const VersusPair& pair,
                                std::span<const LoadSeries> names) {
  // Notes and warnings go to the same file, in lines before the object.
  const auto begin = text.starts_with('{') ? 0 : text.find("\n{");
  if (begin == std::string_view::npos) return Error{"fio wrote no JSON"};
  const Json whole = Json::parse(text.substr(begin), nullptr, false);
  if (whole.is_discarded()) return Error{"fio's JSON is damaged"};
  JsonReader in(whole, "fio's output");
  FioResult result;
  result.version = in.need<std::string>("fio version");
  const Json* const jobs = in.child("jobs", true);
  if (!in.good()) return in.error();
  if (!jobs->is_array() || jobs->size() != 1) return Error{"fio's output has not one job"};
  const Json& job = jobs->front();
  JsonReader job_in(job, "fio's job");
  const int error = job_in.need<int>("error");
  if (!job_in.good()) return job_in.error();
  if (error != 0) return Error{fmt::format("fio's job {} failed", pair.name), error};
  const Json* const main = job_in.child(key_of(pair.direction), true);
  if (main == nullptr) return job_in.error();
  JsonReader main_in(*main, fmt::format("fio's {}", key_of(pair.direction)));
  result.iops = main_in.need<double>("iops");
  result.seconds = main_in.need<double>("runtime") / 1000;
  if (!main_in.good()) return main_in.error();
  // The compared series first.
  for (const bool compared : {true, false}) {
    for (const LoadSeries& name : names) {
      if (name.direction == Direction::none || (name.direction == pair.direction) != compared)
        continue;
      auto one = series_of(job, name, pair.latency);
      if (!one) return one.error();
      if (*one) result.series.push_back(std::move(**one));
    }
  }
  if (result.series.empty() || result.series.front().direction != pair.direction)
    return Error{fmt::format("fio did nothing in {} within its time", pair.name)};
  return result;
}

std::vector<std::string> parse_engines(std::string_view text) {
  std::vector<std::string> engines;
  const auto colon = text.find("engines:");
  if (colon == std::string_view::npos) return engines;
  for (const std::string_view word : split(text.substr(text.find('\n', colon)), blanks))
    engines.emplace_back(word);
  return engines;
}

Result<std::vector<std::string>> fio_engines() {
  if (find_program("fio").empty())
    return Error{"fio is not installed: run scripts/setup, or apt install fio"};
  auto text = require_command({"fio", "--enghelp"}, std::chrono::seconds(60));
  if (!text) return text.error();
  auto engines = parse_engines(*text);
  if (engines.empty()) return Error{"`fio --enghelp` names no engine"};
  return engines;
}

Result<FioResult> run_fio(const std::vector<std::string>& words, const std::string& output,
                          const VersusPair& pair, std::span<const LoadSeries> names, Nanos limit,
                          const std::stop_token& stop) {
  auto ran = run_command(words, limit, stop);
  if (!ran) return ran.error();
  auto text = read_file(output);
  auto result = text ? read_fio_json(*text, pair, names) : Result<FioResult>(text.error());
  if (result && ran->exit_status == 0) return result;
  // Its last words say most: fio explains on the terminal, not in the JSON.
  const auto lines = split(ran->text, "\n");
  std::string why =
      result ? fmt::format("fio exited with {}", ran->exit_status) : result.error().message();
  if (!lines.empty()) why += fmt::format(" (it says: {})", lines.back());
  return Error{why};
}

}  // namespace daxbreak
