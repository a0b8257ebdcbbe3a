// SPDX-License-Identifier: GPL-2.0
#include "report/fio_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include "base/units.h"
#include "report/fio_measures.h"
#include "report/groups.h"
#include "result/statistics.h"
#include "result/stream.h"

namespace daxbreak {
namespace {

constexpr std::string_view fio_version = "daxbreak-0.1 (fio-3.33 schema)";
constexpr std::uint64_t pinned_bytes = 4096;  // what a pin's I/O moves

/// Seconds since the epoch of "2026-11-21T01:22:46Z"; 0 if it is not of that form.
std::time_t epoch_of(const std::string& iso) {
  std::tm parts{};
  const char* const end = ::strptime(iso.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  return end == nullptr ? 0 : ::timegm(&parts);
}

std::string calendar_time(std::time_t at) {
  std::tm parts{};
  ::gmtime_r(&at, &parts);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%a %b %d %H:%M:%S %Y", &parts);
  return {text.data(), size};
}

/// A latency object. Without values it has neither percentiles nor bins: fio_jsonplus_clat2csv
/// fails on empty ones.
Json latency(const Statistics& values, bool details, bool bins) {
  Json json;
  json["min"] = values.min();
  json["max"] = values.max();
  json["mean"] = values.mean();
  json["stddev"] = values.stddev();
  json["N"] = values.count();
  if (values.count() == 0 || !details) return json;
  Json percentiles;
  for (const double percent : Statistics::default_percentiles)
    percentiles[fmt::format("{:.6f}", percent)] = values.percentile(percent);
  json["percentile"] = std::move(percentiles);
  if (!bins) return json;
  Json counts;
  for (const auto& [middle, count] : values.bins())
    counts[std::to_string(middle)] = count;
  json["bins"] = std::move(counts);
  return json;
}

/// Milliseconds that all operations took together; what rates are over. At least 1 if there is one.
std::int64_t runtime_ms(const Statistics& values) {
  if (values.count() == 0) return 0;
  const double ms = values.mean() * static_cast<double>(values.count()) / 1e6;
  return std::max<std::int64_t>(1, std::llround(ms));
}

/// One direction of a job ("read", "write", "trim").
Json direction(const std::vector<std::int64_t>& samples, std::uint64_t bytes, bool bins) {
  const Statistics values = statistics_of(samples);
  const std::int64_t runtime = runtime_ms(values);
  const double seconds = static_cast<double>(runtime) / 1000;
  const double rate = runtime == 0 ? 0.0 : static_cast<double>(bytes) / seconds;
  const double iops = runtime == 0 ? 0.0 : static_cast<double>(values.count()) / seconds;
  Json json;
  json["io_bytes"] = bytes;
  json["io_kbytes"] = bytes / 1024;
  json["bw_bytes"] = std::llround(rate);
  json["bw"] = std::llround(rate / 1024);
  json["iops"] = iops;
  json["runtime"] = runtime;
  json["total_ios"] = values.count();
  json["short_ios"] = 0;
  json["drop_ios"] = 0;
  json["slat_ns"] = latency({}, false, false);  // nothing is submitted apart from being done
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

/// Percent of the samples below each of fio's latency marks, which are per decade of time.
void put_decades(Json& job, const std::vector<std::int64_t>& samples) {
  constexpr std::array<std::int64_t, 10> marks = {2, 4, 10, 20, 50, 100, 250, 500, 750, 1000};
  struct Decade {
    const char* key;
    std::int64_t unit_ns;
  };
  const auto percent = [&](std::int64_t from, std::int64_t to) {
    if (samples.empty()) return 0.0;
    const auto inside = std::count_if(samples.begin(), samples.end(), [&](std::int64_t value) {
      return value >= from && (to < 0 || value < to);
    });
    return 100.0 * static_cast<double>(inside) / static_cast<double>(samples.size());
  };
  std::int64_t from = 0;
  for (const Decade decade :
       {Decade{"latency_ns", 1}, Decade{"latency_us", 1'000}, Decade{"latency_ms", 1'000'000}}) {
    Json json;
    for (const std::int64_t mark : marks) {
      // 1000 of the unit before is the first mark's lower edge here.
      json[std::to_string(mark)] = percent(from, mark * decade.unit_ns);
      from = mark * decade.unit_ns;
    }
    if (decade.unit_ns == 1'000'000) {
      json["2000"] = percent(from, 2'000'000'000);
      json[">=2000"] = percent(2'000'000'000, -1);
    }
    job[decade.key] = std::move(json);
  }
}

Json shares(std::initializer_list<const char*> keys, const char* all) {
  Json json;
  for (const char* key : keys)
    json[key] = std::string_view(key) == all ? 100.0 : 0.0;
  return json;
}

Json counts_of(const Tally& tally) {
  Json json;
  json["pass"] = tally.passed;
  json["fail"] = tally.failed;
  json["fail_known"] = tally.known;
  json["inconclusive"] = tally.inconclusive;
  json["skip"] = tally.skipped;
  return json;
}

/// What fio has no word for, of one job.
Json job_extra(const Group& group, const char* role, bool bins) {
  Json json;
  json["role"] = role;
  json["kernel"] = group.kernel;
  json["release"] = group.environment.release;
  json["version"] = group.environment.version;
  json["scheme"] = group.environment.scheme;
  json["accelerator"] = group.environment.accelerator;
  json["pin"] = group.pin;
  json["verdicts"] = counts_of(group.tally);
  json["poked"] = group.poked;  // breaks that only a signal ended; in no latency
  json["blocked_ns"] = latency(statistics_of(group.blocked_ns), true, bins);
  json["wake_ns"] = latency(statistics_of(group.wake_ns), true, bins);
  json["put_to_wake_ns"] = latency(statistics_of(group.put_to_wake_ns), true, bins);
  json["scans"] = latency(statistics_of(group.scans), false, false);
  return json;
}

std::string block_sizes(const Group& group) {
  std::vector<std::string> sizes;
  for (const std::uint64_t page : group.pages)
    sizes.push_back(format_size(page));
  return fmt::format("{}", fmt::join(sizes, ","));
}

/// A job with all the keys that fio writes. `rw` is which direction it is about.
Json job(const Group& group, std::size_t id, const char* role, const std::string& rw, bool bins) {
  const bool breaking = rw == "trim";
  const std::vector<std::int64_t> none;
  const auto& reads = breaking ? none : group.pin_read_ns;
  const auto& writes = breaking ? none : group.pin_write_ns;
  const auto& breaks = breaking ? group.break_ns : none;
  std::vector<std::int64_t> samples = reads;
  samples.insert(samples.end(), writes.begin(), writes.end());
  samples.insert(samples.end(), breaks.begin(), breaks.end());

  Json json;
  json["jobname"] = group.name() + "/" + role;
  json["groupid"] = id;
  json["error"] = 0;
  json["eta"] = 0;
  json["elapsed"] = static_cast<std::int64_t>(std::ceil(group.seconds));
  Json options;
  options["name"] = json["jobname"];
  options["ioengine"] = breaking ? "daxbreak" : group.pin;
  options["rw"] = rw;
  options["bs"] = breaking ? block_sizes(group) : format_size(pinned_bytes);
  options["iodepth"] = "1";
  options["numjobs"] = "1";
  json["job options"] = std::move(options);
  json["read"] = direction(reads, reads.size() * pinned_bytes, bins);
  json["write"] = direction(writes, writes.size() * pinned_bytes, bins);
  json["trim"] = direction(breaks, breaking ? group.break_bytes : 0, bins);
  json["sync"] = Json{{"total_ios", 0}, {"lat_ns", latency({}, false, false)}};
  json["job_runtime"] = runtime_ms(statistics_of(samples));
  json["usr_cpu"] = 0.0;
  json["sys_cpu"] = 0.0;
  for (const char* key : {"ctx", "majf", "minf"})
    json[key] = 0;
  json["iodepth_level"] = shares({"1", "2", "4", "8", "16", "32", ">=64"}, "1");
  for (const char* key : {"iodepth_submit", "iodepth_complete"})
    json[key] = shares({"0", "4", "8", "16", "32", "64", ">=64"}, samples.empty() ? "0" : "4");
  put_decades(json, samples);
  json["latency_depth"] = 1;
  json["latency_target"] = 0;
  json["latency_percentile"] = 100.0;
  json["latency_window"] = 0;
  json["daxbreak"] = job_extra(group, role, bins);
  return json;
}

/// The verdict of every trial, without its timeline.
Json trials_of(const RunRecord& run, const std::vector<KnownFinding>& known) {
  Json trials = Json::array();
  for (const TrialRecord& trial : run.trials) {
    const Cell& cell = trial.timeline.cell;
    Json json;
    json["kernel"] = cell.kernel;
    json["id"] = cell.id();
    json["outcome"] = name_of(trial.verdict.outcome);
    if (!trial.verdict.reason.empty()) json["reason"] = trial.verdict.reason;
    for (const Finding& finding : trial.verdict.findings) {
      Json one{{"kind", finding.kind}, {"sentence", finding.sentence}};
      const KnownFinding* const entry =
          explain(finding, cell, environment_of(run, cell.kernel), known);
      if (entry != nullptr) one["known"] = entry->id;
      json["findings"].push_back(std::move(one));
    }
    json["attempts"] = trial.attempts;
    json["came_back"] = trial.came_back;
    trials.push_back(std::move(json));
  }
  return trials;
}

Json top_extra(const RunRecord& run, const std::vector<KnownFinding>& known) {
  Json json;
  json["schema"] = stream_schema;
  json["command"] = run.command;
  json["started"] = run.started;
  json["seconds"] = std::isfinite(run.seconds) ? run.seconds : 0.0;
  json["phases"] = Json::object();
  for (const auto& [name, seconds] : run.phases)
    json["phases"][name] = std::isfinite(seconds) ? seconds : 0.0;
  json["verdicts"] = counts_of(tally_of(run, known));
  for (const char* key : {"environments", "censuses", "incidents"})
    json[key] = Json::array();
  for (const Environment& one : run.environments)
    json["environments"].push_back(to_json(one));
  for (const CensusRecord& one : run.censuses)
    json["censuses"].push_back(to_json(one));
  for (const Incident& one : run.incidents)
    json["incidents"].push_back(to_json(one));
  json["trials"] = trials_of(run, known);
  return json;
}

}  // namespace

nlohmann::ordered_json fio_json(const RunRecord& run, const std::vector<KnownFinding>& known,
                                bool bins) {
  const std::time_t at = epoch_of(run.started);
  Json json;
  json["fio version"] = fio_version;
  json["timestamp"] = static_cast<std::int64_t>(at);
  json["timestamp_ms"] = static_cast<std::int64_t>(at) * 1000;
  json["time"] = calendar_time(at);
  json["global options"] = Json::object();
  json["jobs"] = Json::array();
  std::size_t id = 0;
  for (const Group& group : groups_of(run, known, GroupBy::kernel_and_pin)) {
    const bool reads = !group.pin_read_ns.empty();
    const bool both = reads && !group.pin_write_ns.empty();
    json["jobs"].push_back(job(group, id, "pin", both ? "rw" : reads ? "read" : "write", bins));
    json["jobs"].push_back(job(group, id, "break", "trim", bins));
    ++id;
  }
  append_fio_measures(json["jobs"], run, bins);
  json["disk_util"] = Json::array();
  json["daxbreak"] = top_extra(run, known);
  return json;
}

std::string format_fio_json(const RunRecord& run, const std::vector<KnownFinding>& known,
                            bool bins) {
  return fio_json(run, known, bins).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace daxbreak
