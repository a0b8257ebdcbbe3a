// SPDX-License-Identifier: GPL-2.0
#include "lab/protocol.h"

#include <functional>
#include <type_traits>
#include <utility>

#include "lab/measure_json.h"

namespace daxbreak {
namespace {

Json line_of(const Hello& hello) {
  return {{"type", "hello"}, {"release", hello.release}, {"phases", hello.phases}};
}
Json line_of(const Alive& alive) {
  return {{"type", "alive"}, {"sequence", alive.sequence}, {"uptime", alive.uptime}};
}
Json line_of(const Ready& ready) {
  return {{"type", "ready"}, {"phases", ready.phases}};
}
Json line_of(const Environment& environment) {
  return {{"type", "environment"}, {"environment", to_json(environment)}};
}
Json line_of(const TrialBegin& begin) {
  return {{"type", "trial_begin"}, {"index", begin.index}};
}
Json line_of(const TrialRecord& record) {
  return {{"type", "trial_end"}, {"record", to_json(record)}};
}
Json line_of(const MeasureRecord& record) {
  return {{"type", "measure"}, {"record", to_json(record)}};
}
Json line_of(const MeasureEnd& end) {
  return {{"type", "measure_end"}, {"index", end.index}};
}
Json line_of(const Busy& /*busy*/) {
  return {{"type", "busy"}};
}
Json line_of(const CensusRecord& record) {
  return {{"type", "census"}, {"record", to_json(record)}};
}
Json line_of(const GuestLog& log) {
  return {{"type", "log"}, {"error", log.error}, {"text", log.text}};
}
Json line_of(const Wedged& wedged) {
  return {{"type", "wedged"}, {"why", wedged.why}};
}
Json line_of(const Done& done) {
  return {{"type", "done"}, {"error", done.error}};
}
Json line_of(const Plan& plan) {
  return {{"type", "plan"}, {"plan", plan_to_json(plan)}};
}
Json line_of(const Start& start) {
  return {{"type", "start"}, {"index", start.index}};
}
Json line_of(const Stop& /*stop*/) {
  return {{"type", "stop"}};
}

/// A Result<T> as a Result<Message>.
template <class T>
Result<Message> as_message(Result<T> value) {
  if (!value) return value.error();
  return Message(*std::move(value));
}

/// The message of a well-formed object. nlohmann throws for members that are missing or of
/// another type; decode() catches.
Result<Message> message_of(const Json& json) {
  const auto type = json.at("type").get<std::string>();
  if (type == "hello")
    return Message(
        Hello{json.at("release"), json.at("phases").get<std::map<std::string, double>>()});
  if (type == "alive") return Message(Alive{json.at("sequence"), json.at("uptime")});
  if (type == "ready")
    return Message(Ready{json.at("phases").get<std::map<std::string, double>>()});
  if (type == "environment") return as_message(environment_from_json(json.at("environment")));
  if (type == "trial_begin") return Message(TrialBegin{json.at("index")});
  if (type == "trial_end") return as_message(trial_from_json(json.at("record")));
  if (type == "measure") return as_message(measure_from_json(json.at("record")));
  if (type == "measure_end") return Message(MeasureEnd{json.at("index")});
  if (type == "busy") return Message(Busy{});
  if (type == "census") return as_message(census_from_json(json.at("record")));
  if (type == "log") return Message(GuestLog{json.at("error"), json.at("text")});
  if (type == "wedged") return Message(Wedged{json.at("why")});
  if (type == "done") return Message(Done{json.at("error")});
  if (type == "plan") return as_message(plan_from_json(json.at("plan")));
  if (type == "start") return Message(Start{json.at("index")});
  if (type == "stop") return Message(Stop{});
  return Error{"message of unknown type \"" + type + "\""};
}

}  // namespace

std::string encode(const Message& message) {
  const Json json = std::visit([](const auto& value) { return line_of(value); }, message);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Message> decode(std::string_view line) {
  auto json = parse_json(line);
  if (!json) return json.error();
  try {
    return message_of(*json);
  } catch (const Json::exception& broken) {
    return Error{std::string("malformed message: ") + broken.what()};
  }
}

Json plan_to_json(const Plan& plan) {
  Json cells = Json::array();
  for (const PlannedCell& planned : plan.cells) {
    Json item = {{"index", planned.index}, {"cell", to_json(planned.cell)}};
    if (planned.measure) item["measure"] = to_json(*planned.measure);
    cells.push_back(std::move(item));
  }
  return {{"kernel", plan.kernel},
          {"accelerator", plan.accelerator},
          {"patience", plan.patience},
          {"whole_census", plan.whole_census},
          {"census_states", plan.census_states},
          {"gate_completion", plan.gate_completion.count()},
          {"runtime", plan.runtime.count()},
          {"time_left", plan.time_left.count()},
          {"schemes", plan.schemes},
          {"cells", std::move(cells)}};
}

Result<Plan> plan_from_json(const Json& json) {
  try {
    Plan plan{.kernel = json.at("kernel"),
              .accelerator = json.at("accelerator"),
              .patience = json.at("patience"),
              .whole_census = json.at("whole_census"),
              .census_states = json.at("census_states"),
              .gate_completion = Nanos(json.at("gate_completion").get<Nanos::rep>()),
              .runtime = Nanos(json.at("runtime").get<Nanos::rep>()),
              .time_left = Nanos(json.at("time_left").get<Nanos::rep>()),
              .schemes = json.at("schemes"),
              .cells = {}};
    for (const Json& planned : json.at("cells")) {
      auto cell = cell_from_json(planned.at("cell"));
      if (!cell) return cell.error();
      plan.cells.push_back({.index = planned.at("index"), .cell = *std::move(cell)});
      if (!planned.contains("measure")) continue;
      auto measure = measure_point_from_json(planned.at("measure"));
      if (!measure) return measure.error();
      plan.cells.back().measure = *std::move(measure);
    }
    return plan;
  } catch (const Json::exception& broken) {
    return Error{std::string("malformed plan: ") + broken.what()};
  }
}

std::vector<std::string> LineReader::take(std::string_view bytes) {
  std::vector<std::string> lines;
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, end);
    if (!dropping_ && partial_.size() + piece.size() > limit_) {
      dropping_ = true;
      ++dropped_;
      partial_ = {};
    }
    if (!dropping_) partial_ += piece;
    if (end == std::string_view::npos) break;
    if (!partial_.empty()) lines.push_back(std::exchange(partial_, {}));
    dropping_ = false;
    bytes.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace daxbreak
