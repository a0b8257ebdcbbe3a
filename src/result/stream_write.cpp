// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "result/stream.h"

namespace daxbreak {
namespace {

/// Text as it may stand in JSON: itself where it is UTF-8, repaired where it is not.
std::string text_of(const std::string& raw) {
  const bool ascii = std::all_of(raw.begin(), raw.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 128; });
  if (ascii) return raw;
  // nlohmann's own repair happens in dump(); reading it back gives the text that it would write.
  return Json::parse(Json(raw).dump(-1, ' ', false, Json::error_handler_t::replace))
      .get<std::string>();
}

Json texts_of(const std::vector<std::string>& lines) {
  Json array = Json::array();
  for (const std::string& line : lines)
    array.push_back(text_of(line));
  return array;
}

/// JSON has no infinity and no NaN.
double finite(double value) {
  return std::isfinite(value) ? value : 0.0;
}

Json event_to_json(const Event& event) {
  Json json;
  json["t"] = event.t_ns;
  json["k"] = name_of(event.kind);
  if (event.tid != 0) json["tid"] = event.tid;
  if (event.page != 0) json["page"] = fmt::format("{:#x}", event.page);
  if (event.value != 0) json["v"] = event.value;
  if (event.count != 0) json["count"] = event.count;
  if (event.mapcount != 0) json["map"] = event.mapcount;
  if (!event.text.empty()) json["text"] = text_of(event.text);
  return json;
}

Json finding_to_json(const Finding& finding) {
  Json json;
  json["kind"] = text_of(finding.kind);
  json["sentence"] = text_of(finding.sentence);
  json["evidence"] = texts_of(finding.evidence);
  return json;
}

Json measures_to_json(const Measures& measures) {
  Json json = Json::object();
  if (measures.break_ns) json["break_ns"] = *measures.break_ns;
  if (measures.blocked_ns) json["blocked_ns"] = *measures.blocked_ns;
  if (measures.wake_ns) json["wake_ns"] = *measures.wake_ns;
  if (measures.put_to_wake_ns) json["put_to_wake_ns"] = *measures.put_to_wake_ns;
  if (measures.scans) json["scans"] = *measures.scans;
  return json;
}

template <class T>
Json array_of(const std::vector<T>& values) {
  Json array = Json::array();
  for (const T& value : values)
    array.push_back(to_json(value));
  return array;
}

}  // namespace

Json to_json(const Cell& cell) {
  Json json;
  json["kernel"] = text_of(cell.kernel);
  json["filesystem"] = text_of(cell.filesystem);
  json["page_size"] = cell.page_size;
  json["pin"] = text_of(cell.pin);
  json["breaker"] = text_of(cell.breaker);
  json["disturber"] = text_of(cell.disturber);
  json["gate"] = text_of(cell.gate);
  json["memory"] = text_of(cell.memory);
  json["range"] = text_of(cell.range);
  return json;
}

Json to_json(const Timeline& timeline) {
  Json json;
  json["cell"] = to_json(timeline.cell);
  json["deadline_ns"] = static_cast<std::int64_t>(timeline.deadline.count());
  json["frees_page"] = timeline.frees_page;
  json["must_be_refused"] = timeline.must_be_refused;
  json["ends_breaker"] = timeline.ends_breaker;
  json["interrupts"] = timeline.interrupts;
  json["file_page"] = timeline.file_page;
  json["refusable"] = timeline.refusable;
  json["transient"] = timeline.transient;
  json["bystander_must_not_wait"] = timeline.bystander_must_not_wait;
  json["references"] = timeline.references;
  json["pinned_pages"] = timeline.pinned_pages;
  json["unmaps"] = timeline.unmaps;
  json["foll_pin"] = timeline.foll_pin;
  json["pin_flow"] = text_of(timeline.pin_flow);
  json["compound"] = timeline.compound;
  json["pmd_mapped"] = timeline.pmd_mapped;
  if (timeline.device) json["device"] = true;
  if (timeline.device_memory) json["device_memory"] = true;
  json["observer_gap"] = text_of(timeline.observer_gap);
  json["events_lost"] = timeline.events_lost;
  if (timeline.events_left_out != 0) json["events_left_out"] = timeline.events_left_out;
  json["skip"] = text_of(timeline.skip);
  json["trouble"] = text_of(timeline.trouble);
  Json events = Json::array();
  for (const Event& event : timeline.events)
    events.push_back(event_to_json(event));
  json["events"] = std::move(events);
  return json;
}

Json to_json(const Verdict& verdict) {
  Json json;
  json["outcome"] = name_of(verdict.outcome);
  json["reason"] = text_of(verdict.reason);
  Json findings = Json::array();
  for (const Finding& finding : verdict.findings)
    findings.push_back(finding_to_json(finding));
  json["findings"] = std::move(findings);
  json["measures"] = measures_to_json(verdict.measures);
  return json;
}

Json to_json(const TrialRecord& record) {
  Json json;
  json["type"] = "trial";
  json["index"] = record.index;
  json["id"] = text_of(record.timeline.cell.id());  // for people and jq; not read back
  json["verdict"] = to_json(record.verdict);
  json["attempts"] = record.attempts;
  json["came_back"] = record.came_back;
  json["seconds"] = finite(record.seconds);
  json["timeline"] = to_json(record.timeline);
  return json;
}

Json to_json(const Environment& environment) {
  Json json;
  json["type"] = "environment";
  json["schema"] = stream_schema;
  json["kernel"] = text_of(environment.kernel);
  json["release"] = text_of(environment.release);
  json["version"] = text_of(environment.version);
  json["origin"] = text_of(environment.origin);
  json["scheme"] = text_of(environment.scheme);
  json["scheme_title"] = text_of(environment.scheme_title);
  json["live_probe"] = text_of(environment.live_probe);
  json["accelerator"] = text_of(environment.accelerator);
  json["clock_source"] = text_of(environment.clock_source);
  json["observer"] = text_of(environment.observer);
  json["observer_missing"] = texts_of(environment.observer_missing);
  Json filesystems = Json::object();
  for (const auto& [name, how] : environment.filesystems)
    filesystems[text_of(name)] = text_of(how);
  json["filesystems"] = std::move(filesystems);
  if (environment.pin_costs.empty()) return json;
  Json costs = Json::array();
  for (const PinCost& cost : environment.pin_costs)
    costs.push_back({{"memory", text_of(cost.memory)},
                     {"ns", finite(cost.ns)},
                     {"least_ns", finite(cost.least_ns)},
                     {"most_ns", finite(cost.most_ns)}});
  json["pin_costs"] = std::move(costs);
  return json;
}

Json to_json(const CensusRecord& record) {
  Json json;
  json["type"] = "census";
  json["kernel"] = text_of(record.kernel);
  json["subject"] = text_of(record.subject);
  json["state"] = text_of(record.state);
  json["idle_expected"] = record.idle_expected;
  if (record.idle >= 0) json["idle"] = record.idle;
  Json histogram = Json::object();
  for (const auto& [count, pages] : record.histogram)
    histogram[std::to_string(count)] = pages;
  json["histogram"] = std::move(histogram);
  return json;
}

Json to_json(const Incident& incident) {
  Json json;
  json["type"] = "incident";
  json["kernel"] = text_of(incident.kernel);
  json["what"] = text_of(incident.what);
  json["sentence"] = text_of(incident.sentence);
  json["console"] = texts_of(incident.console);
  if (incident.made_good) json["made_good"] = true;
  return json;
}

Json to_json(const PlanRecord& record) {
  Json json;
  json["job"] = text_of(record.job);
  json["fingerprint"] = text_of(record.fingerprint);
  json["cells"] = record.cells;
  json["of"] = record.of;
  json["shards"] = record.shards;
  Json covers = Json::array();
  for (const CoverRecord& cover : record.covers)
    covers.push_back({{"job", text_of(cover.job)},
                      {"seed", cover.seed},
                      {"cells", cover.cells},
                      {"pairs", cover.pairs}});
  json["covers"] = std::move(covers);
  if (record.sections.empty()) return json;
  Json sections = Json::object();
  for (const auto& [name, purpose] : record.sections)
    sections[text_of(name)] = text_of(purpose);
  json["sections"] = std::move(sections);
  return json;
}

Json to_json(const RunRecord& record) {
  Json json;
  json["type"] = "run";
  json["schema"] = stream_schema;
  json["command"] = text_of(record.command);
  json["started"] = text_of(record.started);
  json["plan"] = to_json(record.plan);
  json["seconds"] = finite(record.seconds);
  Json phases = Json::object();
  for (const auto& [name, seconds] : record.phases)
    phases[text_of(name)] = finite(seconds);
  json["phases"] = std::move(phases);
  json["environments"] = array_of(record.environments);
  json["trials"] = array_of(record.trials);
  json["censuses"] = array_of(record.censuses);
  json["incidents"] = array_of(record.incidents);
  if (!record.measures.empty()) json["measures"] = array_of(record.measures);
  return json;
}

std::string to_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace daxbreak
