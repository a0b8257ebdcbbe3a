// SPDX-License-Identifier: GPL-2.0
#include "report/fio_measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/units.h"
#include "result/stream.h"

namespace daxbreak {
namespace {

/// As report/fio_json.cpp has it: without values neither percentiles nor bins.
Json latency(const Statistics& values, bool details, bool bins) {
  Json json{{"min", values.min()},
            {"max", values.max()},
            {"mean", values.mean()},
            {"stddev", values.stddev()},
            {"N", values.count()}};
  if (values.count() == 0 || !details) return json;
  for (const double percent : Statistics::default_percentiles)
    json["percentile"][fmt::format("{:.6f}", percent)] = values.percentile(percent);
  if (!bins) return json;
  for (const auto& [middle, count] : values.bins())
    json["bins"][std::to_string(middle)] = count;
  return json;
}

/// One direction of a job. `series` is nullptr where the job has none of it.
Json direction(const MeasuredSeries* series, double seconds, bool bins) {
  static const Statistics nothing;
  const Statistics& values = series == nullptr ? nothing : series->latency;
  const std::uint64_t bytes = series == nullptr ? 0 : series->bytes;
  const bool ran = values.count() > 0 && seconds > 0;
  const double rate = ran ? static_cast<double>(bytes) / seconds : 0;
  Json json;
  json["io_bytes"] = bytes;
  json["io_kbytes"] = bytes / 1024;
  json["bw_bytes"] = std::llround(rate);
  json["bw"] = std::llround(rate / 1024);
  json["iops"] = ran ? static_cast<double>(values.count()) / seconds : 0.0;
  json["runtime"] = ran ? std::max(1LL, std::llround(seconds * 1000)) : 0LL;
  json["total_ios"] = values.count();
  json["short_ios"] = 0;
  json["drop_ios"] = 0;
  json["slat_ns"] = latency(nothing, false, false);
  json["clat_ns"] = latency(values, true, bins);
  json["lat_ns"] = latency(values, true, bins);
  for (const char* key : {"bw_min", "bw_max"})
    json[key] = 0;
  for (const char* key : {"bw_agg", "bw_mean", "bw_dev"})
    json[key] = 0.0;
  json["bw_samples"] = 0;
  for (const char* key : {"iops_min", "iops_max"})
    json[key] = 0;
  for (const char* key : {"iops_mean", "iops_stddev"})
    json[key] = 0.0;
  json["iops_samples"] = 0;
  return json;
}

const MeasuredSeries* first_of(const MeasureRecord& record, Direction wanted) {
  for (const MeasuredSeries& series : record.series)
    if (series.direction == wanted) return &series;
  return nullptr;
}

std::string name_of_job(const MeasureRecord& record) {
  std::string name = fmt::format("{}/{}/{}/{}/{}", record.kernel, record.filesystem,
                                 format_size(record.page_size), record.job, record.load);
  for (const auto& [key, value] : record.point)
    name += fmt::format("/{}={}", key, value);
  return name;
}

/// As it was written, else as it was; `otherwise` where nobody said.
std::string setting(const MeasureRecord& record, const std::string& key, const char* otherwise) {
  if (const auto at = record.point.find(key); at != record.point.end()) return at->second;
  const auto at = record.settings.find(key);
  if (at == record.settings.end()) return otherwise;
  const auto bytes = key == "bs" ? parse_size(at->second) : Result<std::uint64_t>(Error{""});
  return bytes ? format_size(*bytes) : at->second;
}

Json extra(const MeasureRecord& record, bool bins) {
  Json json;
  json["role"] = "measure";
  json["kernel"] = record.kernel;
  json["load"] = record.load;
  json["engine"] = record.engine;
  json["filesystem"] = record.filesystem;
  json["page_size"] = record.page_size;
  json["repetition"] = record.repetition;
  json["point"] = Json::object();
  for (const auto& [key, value] : record.point)
    json["point"][key] = value;
  json["settings"] = Json::object();
  for (const auto& [key, value] : record.settings)
    json["settings"][key] = value;
  json["numbers"] = Json::object();
  for (const auto& [key, value] : record.numbers)
    json["numbers"][key] = std::isfinite(value) ? value : 0.0;
  json["series"] = Json::object();
  for (const MeasuredSeries& series : record.series)
    json["series"][series.name] = latency(series.latency, true, bins);
  json["outcome"] = name_of(record.verdict.outcome);
  for (const Finding& finding : record.verdict.findings)
    json["findings"].push_back({{"kind", finding.kind}, {"sentence", finding.sentence}});
  return json;
}

}  // namespace

void append_fio_measures(nlohmann::ordered_json& jobs, const RunRecord& run, bool bins) {
  std::size_t id = jobs.size();
  for (const MeasureRecord& record : run.measures) {
    if (record.series.empty()) continue;
    Json job;
    job["jobname"] = name_of_job(record);
    job["groupid"] = id++;
    job["error"] = 0;
    job["eta"] = 0;
    job["elapsed"] = static_cast<std::int64_t>(std::ceil(record.seconds));
    Json options;
    options["name"] = job["jobname"];
    options["ioengine"] = record.engine;
    // fio's tools want them always.
    options["bs"] = setting(record, "bs", "4k");
    options["iodepth"] = setting(record, "iodepth", "1");
    options["numjobs"] = setting(record, "numjobs", "1");
    job["job options"] = std::move(options);
    job["read"] = direction(first_of(record, Direction::read), record.seconds, bins);
    job["write"] = direction(first_of(record, Direction::write), record.seconds, bins);
    job["trim"] = direction(first_of(record, Direction::trim), record.seconds, bins);
    job["sync"] = Json{{"total_ios", 0}, {"lat_ns", latency({}, false, false)}};
    job["job_runtime"] = std::llround(record.seconds * 1000);
    job["usr_cpu"] = 0.0;
    job["sys_cpu"] = 0.0;
    for (const char* key : {"ctx", "majf", "minf"})
      job[key] = 0;
    job["latency_depth"] = 1;
    job["latency_target"] = 0;
    job["latency_percentile"] = 100.0;
    job["latency_window"] = 0;
    job["daxbreak"] = extra(record, bins);
    jobs.push_back(std::move(job));
  }
}

}  // namespace daxbreak
