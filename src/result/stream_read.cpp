// SPDX-License-Identifier: GPL-2.0
#include <charconv>

#include "result/json_reader.h"
#include "result/stream.h"

namespace daxbreak {
namespace {

template <class T>
Result<T> finish(const JsonReader& in, T value) {
  if (!in.good()) return in.error();
  return value;
}

/// A whole number that fills the text; base 10, or 16 after "0x".
template <class T>
std::optional<T> number_in(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    base = 16;
  }
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value, base);
  if (problem != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::vector<std::string> lines_of(JsonReader& in, const char* key) {
  std::vector<std::string> lines;
  const Json* array = in.child(key, false);
  if (array == nullptr) return lines;
  if (!array->is_array()) in.fail(std::string("has a \"") + key + "\" that is no list");
  for (const Json& line : *array) {
    if (!line.is_string()) {
      in.fail(std::string("has something in \"") + key + "\" that is no text");
      break;
    }
    lines.push_back(line.get<std::string>());
  }
  return lines;
}

/// Every element of the list `key`, read by `read`; the first one that is wrong is in's error.
template <class T>
std::vector<T> values_of(JsonReader& in, const char* key, bool mandatory,
                         Result<T> (*read)(const Json&)) {
  std::vector<T> values;
  const Json* array = in.child(key, mandatory);
  if (array == nullptr) return values;
  if (!array->is_array()) {
    in.fail(std::string("has a \"") + key + "\" that is no list");
    return values;
  }
  values.reserve(array->size());
  for (const Json& element : *array) {
    Result<T> value = read(element);
    if (!value) {
      in.fail_with(value.error());
      break;
    }
    values.push_back(std::move(*value));
  }
  return values;
}

/// The nested value `key`, read by `read`.
template <class T>
T value_of(JsonReader& in, const char* key, Result<T> (*read)(const Json&)) {
  const Json* json = in.child(key, true);
  if (json == nullptr) return {};
  Result<T> value = read(*json);
  if (value) return std::move(*value);
  in.fail_with(value.error());
  return {};
}

std::optional<EventKind> event_kind_named(std::string_view name) {
  for (int kind = 0; kind <= static_cast<int>(EventKind::writeback); ++kind)
    if (name_of(static_cast<EventKind>(kind)) == name) return static_cast<EventKind>(kind);
  return std::nullopt;
}

std::optional<Outcome> outcome_named(std::string_view name) {
  for (const Outcome outcome : {Outcome::pass, Outcome::fail, Outcome::skip, Outcome::inconclusive})
    if (name_of(outcome) == name) return outcome;
  return std::nullopt;
}

Result<Event> event_from_json(const Json& json) {
  JsonReader in(json, "event");
  Event event;
  event.t_ns = in.need<std::int64_t>("t");
  const auto kind = in.need<std::string>("k");
  event.tid = in.take<std::uint32_t>("tid");
  const auto page = in.take<std::string>("page");
  event.value = in.take<std::int64_t>("v");
  event.count = in.take<std::int32_t>("count");
  event.mapcount = in.take<std::int32_t>("map");
  event.text = in.take<std::string>("text");
  if (!in.good()) return in.error();

  const auto known = event_kind_named(kind);
  if (!known) return Error{"event has an unknown kind \"" + kind + "\""};
  event.kind = *known;
  if (!page.empty()) {
    const auto address = number_in<std::uint64_t>(page);
    if (!address) return Error{R"(event has a wrong "page": ")" + page + "\""};
    event.page = *address;
  }
  return event;
}

Result<Finding> finding_from_json(const Json& json) {
  JsonReader in(json, "finding");
  Finding finding;
  finding.kind = in.need<std::string>("kind");
  finding.sentence = in.take<std::string>("sentence");
  finding.evidence = lines_of(in, "evidence");
  return finish(in, std::move(finding));
}

Result<Measures> measures_from_json(const Json& json) {
  JsonReader in(json, "measures");
  Measures measures;
  measures.break_ns = in.maybe<std::int64_t>("break_ns");
  measures.blocked_ns = in.maybe<std::int64_t>("blocked_ns");
  measures.wake_ns = in.maybe<std::int64_t>("wake_ns");
  measures.put_to_wake_ns = in.maybe<std::int64_t>("put_to_wake_ns");
  measures.scans = in.maybe<std::int64_t>("scans");
  return finish(in, measures);
}

Result<CoverRecord> cover_from_json(const Json& json) {
  JsonReader in(json, "cover");
  CoverRecord record;
  record.job = in.need<std::string>("job");
  record.seed = in.need<std::uint64_t>("seed");
  record.cells = in.need<std::uint64_t>("cells");
  record.pairs = in.need<std::uint64_t>("pairs");
  return finish(in, std::move(record));
}

/// A schema that is newer than ours is refused: the reading would be a guess.
void check_schema(JsonReader& in, bool mandatory) {
  const int schema = mandatory ? in.need<int>("schema") : in.take<int>("schema", stream_schema);
  if (in.good() && schema > stream_schema)
    in.fail("was written by a newer daxbreak (schema " + std::to_string(schema) +
            ", this one reads up to " + std::to_string(stream_schema) + ")");
}

}  // namespace

Result<Cell> cell_from_json(const Json& json) {
  JsonReader in(json, "cell");
  Cell cell;
  cell.kernel = in.need<std::string>("kernel");
  cell.filesystem = in.need<std::string>("filesystem");
  cell.page_size = in.need<std::uint64_t>("page_size");
  cell.pin = in.need<std::string>("pin");
  cell.breaker = in.need<std::string>("breaker");
  cell.disturber = in.take<std::string>("disturber", cell.disturber);
  cell.gate = in.take<std::string>("gate", cell.gate);
  cell.memory = in.take<std::string>("memory", cell.memory);
  cell.range = in.take<std::string>("range", cell.range);
  return finish(in, std::move(cell));
}

Result<Timeline> timeline_from_json(const Json& json) {
  JsonReader in(json, "timeline");
  Timeline timeline;
  timeline.cell = value_of(in, "cell", cell_from_json);
  timeline.deadline = Nanos(in.need<std::int64_t>("deadline_ns"));
  timeline.frees_page = in.take("frees_page", timeline.frees_page);
  timeline.must_be_refused = in.take<bool>("must_be_refused");
  timeline.ends_breaker = in.take<bool>("ends_breaker");
  timeline.interrupts = in.take<bool>("interrupts");
  timeline.file_page = in.take("file_page", timeline.file_page);
  timeline.refusable = in.take<bool>("refusable");
  timeline.transient = in.take<bool>("transient");
  timeline.bystander_must_not_wait = in.take<bool>("bystander_must_not_wait");
  timeline.references = in.take("references", timeline.references);
  timeline.pinned_pages = in.take("pinned_pages", timeline.pinned_pages);
  timeline.unmaps = in.take<bool>("unmaps");
  timeline.foll_pin = in.take<bool>("foll_pin");
  timeline.pin_flow = in.take<std::string>("pin_flow");
  timeline.compound = in.take<bool>("compound");
  timeline.pmd_mapped = in.take<bool>("pmd_mapped");
  timeline.device = in.take("device", false);
  // Until there was device-coherent memory the key was another.
  timeline.device_memory = in.take("device_memory", in.take("device_private", false));
  timeline.observer_gap = in.take<std::string>("observer_gap");
  timeline.events_lost = in.take<std::uint64_t>("events_lost");
  timeline.events_left_out = in.take<std::uint64_t>("events_left_out");
  timeline.skip = in.take<std::string>("skip");
  timeline.trouble = in.take<std::string>("trouble");
  timeline.events = values_of(in, "events", true, event_from_json);
  return finish(in, std::move(timeline));
}

Result<Verdict> verdict_from_json(const Json& json) {
  JsonReader in(json, "verdict");
  Verdict verdict;
  const auto outcome = in.need<std::string>("outcome");
  verdict.reason = in.take<std::string>("reason");
  verdict.findings = values_of(in, "findings", false, finding_from_json);
  if (in.child("measures", false) != nullptr)
    verdict.measures = value_of(in, "measures", measures_from_json);
  if (!in.good()) return in.error();
  const auto known = outcome_named(outcome);
  if (!known) return Error{"verdict has an unknown outcome \"" + outcome + "\""};
  verdict.outcome = *known;
  return verdict;
}

Result<TrialRecord> trial_from_json(const Json& json) {
  JsonReader in(json, "trial");
  TrialRecord record;
  record.index = in.need<std::uint64_t>("index");
  record.timeline = value_of(in, "timeline", timeline_from_json);
  record.verdict = value_of(in, "verdict", verdict_from_json);
  record.attempts = in.take("attempts", record.attempts);
  record.came_back = in.take("came_back", record.came_back);
  record.seconds = in.take("seconds", record.seconds);
  return finish(in, std::move(record));
}

Result<PinCost> pin_cost_from_json(const Json& json) {
  JsonReader in(json, "pin cost");
  PinCost cost;
  cost.memory = in.need<std::string>("memory");
  cost.ns = in.need<double>("ns");
  cost.least_ns = in.need<double>("least_ns");
  cost.most_ns = in.need<double>("most_ns");
  return finish(in, std::move(cost));
}

Result<Environment> environment_from_json(const Json& json) {
  JsonReader in(json, "environment");
  check_schema(in, false);
  Environment environment;
  environment.kernel = in.need<std::string>("kernel");
  environment.release = in.take<std::string>("release");
  environment.version = in.take<std::string>("version");
  environment.origin = in.take<std::string>("origin");
  environment.scheme = in.take<std::string>("scheme");
  environment.scheme_title = in.take<std::string>("scheme_title");
  environment.live_probe = in.take<std::string>("live_probe");
  environment.accelerator = in.take<std::string>("accelerator");
  environment.clock_source = in.take<std::string>("clock_source");
  environment.observer = in.take<std::string>("observer");
  environment.observer_missing = lines_of(in, "observer_missing");
  if (const Json* filesystems = in.child("filesystems", false)) {
    JsonReader names(*filesystems, "environment's filesystems");
    if (filesystems->is_object())
      for (const auto& [name, how] : filesystems->items())
        environment.filesystems[name] = names.need<std::string>(name.c_str());
    if (!names.good()) in.fail_with(names.error());
  }
  environment.pin_costs = values_of(in, "pin_costs", false, pin_cost_from_json);
  return finish(in, std::move(environment));
}

Result<CensusRecord> census_from_json(const Json& json) {
  JsonReader in(json, "census");
  CensusRecord record;
  record.kernel = in.need<std::string>("kernel");
  record.subject = in.take<std::string>("subject");
  record.state = in.take<std::string>("state");
  record.idle_expected = in.take<bool>("idle_expected");
  record.idle = in.take("idle", record.idle);
  if (const Json* histogram = in.child("histogram", true)) {
    JsonReader counts(*histogram, "census's histogram");
    if (histogram->is_object())
      for (const auto& [key, pages] : histogram->items()) {
        const auto count = number_in<std::int32_t>(key);
        if (!count)
          counts.fail("has a count that is no number: \"" + key + "\"");
        else
          record.histogram[*count] = counts.need<std::uint64_t>(key.c_str());
      }
    if (!counts.good()) in.fail_with(counts.error());
  }
  return finish(in, std::move(record));
}

Result<Incident> incident_from_json(const Json& json) {
  JsonReader in(json, "incident");
  Incident incident;
  incident.kernel = in.need<std::string>("kernel");
  incident.what = in.need<std::string>("what");
  incident.sentence = in.take<std::string>("sentence");
  incident.console = lines_of(in, "console");
  incident.made_good = in.take<bool>("made_good");
  return finish(in, std::move(incident));
}

Result<PlanRecord> plan_record_from_json(const Json& json) {
  JsonReader in(json, "plan");
  PlanRecord record;
  record.job = in.take<std::string>("job");
  record.fingerprint = in.take<std::string>("fingerprint");
  record.cells = in.take<std::uint64_t>("cells");
  record.of = in.take("of", record.of);
  if (const Json* shards = in.child("shards", false)) {
    record.shards.clear();
    if (!shards->is_array()) in.fail("has \"shards\" that are no list");
    for (const Json& shard : *shards) {
      if (!shard.is_number_unsigned()) in.fail("has a shard that is no number");
      if (in.good()) record.shards.push_back(shard.get<unsigned>());
    }
  }
  record.covers = values_of(in, "covers", false, cover_from_json);
  if (const Json* sections = in.child("sections", false)) {
    JsonReader purposes(*sections, "plan's sections");
    if (sections->is_object())
      for (const auto& [name, purpose] : sections->items())
        record.sections[name] = purposes.need<std::string>(name.c_str());
    if (!purposes.good()) in.fail_with(purposes.error());
  }
  return finish(in, std::move(record));
}

Result<RunRecord> run_from_json(const Json& json) {
  JsonReader in(json, "run");
  check_schema(in, true);
  RunRecord record;
  record.command = in.take<std::string>("command");
  record.started = in.take<std::string>("started");
  if (in.child("plan", false) != nullptr) record.plan = value_of(in, "plan", plan_record_from_json);
  record.seconds = in.take<double>("seconds");
  if (const Json* phases = in.child("phases", false)) {
    JsonReader seconds(*phases, "run's phases");
    if (phases->is_object())
      for (const auto& [name, value] : phases->items())
        record.phases[name] = seconds.need<double>(name.c_str());
    if (!seconds.good()) in.fail_with(seconds.error());
  }
  record.environments = values_of(in, "environments", true, environment_from_json);
  record.trials = values_of(in, "trials", true, trial_from_json);
  record.censuses = values_of(in, "censuses", false, census_from_json);
  record.incidents = values_of(in, "incidents", false, incident_from_json);
  record.measures = values_of(in, "measures", false, measure_from_json);
  return finish(in, std::move(record));
}

Result<Json> parse_json(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& problem) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ...": the tag helps
    // nobody.
    std::string_view why = problem.what();
    if (const auto tag = why.find("] "); tag != std::string_view::npos) why.remove_prefix(tag + 2);
    return Error{"not JSON: " + std::string(why)};
  }
}

}  // namespace daxbreak
