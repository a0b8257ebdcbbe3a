// SPDX-License-Identifier: GPL-2.0
#include "lab/measure_json.h"

#include <string>
#include <vector>

namespace daxbreak {
namespace {

struct NumberField {
  std::string name;
  std::uint64_t MeasurePoint::*field;
};

/// All numbers of a point: its sweep keys under their own names, and what no sweep goes over.
std::vector<NumberField> numbers() {
  std::vector<NumberField> all{
      {"page_size", &MeasurePoint::page_size}, {"size", find_sweep_key("size")->field},
      {"loops", &MeasurePoint::loops},         {"repetitions", &MeasurePoint::repetitions},
      {"seed", &MeasurePoint::seed},           {"random", &MeasurePoint::random}};
  for (const SweepKey& key : sweep_keys())
    all.push_back({std::string(key.name), key.field});
  return all;
}

}  // namespace

Json to_json(const MeasurePoint& point) {
  Json json = {{"kernel", point.kernel},
               {"job", point.job},
               {"load", point.load},
               {"filesystem", point.filesystem},
               {"pin_kinds", point.pins},
               {"breaker_kinds", point.breakers},
               {"swept", point.swept},
               {"ramp", point.ramp.count()},
               {"runtime", point.runtime.count()},
               {"observe", static_cast<int>(point.observe)}};
  for (const NumberField& number : numbers())
    json[number.name] = point.*number.field;
  return json;
}

Result<MeasurePoint> measure_point_from_json(const Json& json) {
  MeasurePoint point{.kernel = json.at("kernel"),
                     .job = json.at("job"),
                     .load = json.at("load"),
                     .filesystem = json.at("filesystem"),
                     .pins = json.at("pin_kinds").get<std::vector<std::string>>(),
                     .breakers = json.at("breaker_kinds").get<std::vector<std::string>>(),
                     .swept = json.at("swept").get<std::map<std::string, std::string>>(),
                     .ramp = Nanos(json.at("ramp").get<Nanos::rep>()),
                     .runtime = Nanos(json.at("runtime").get<Nanos::rep>())};
  const int observe = json.at("observe");
  if (observe < 0 || observe > static_cast<int>(Observe::both))
    return Error{"a measurement with an unknown way to observe"};
  point.observe = static_cast<Observe>(observe);
  for (const NumberField& number : numbers())
    point.*number.field = json.at(number.name).get<std::uint64_t>();
  return point;
}

}  // namespace daxbreak
