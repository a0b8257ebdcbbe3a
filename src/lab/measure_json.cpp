// SPDX-License-Identifier: GPL-2.0
#include "lab/measure_json.h"

#include <array>

namespace daxbreak {
namespace {

struct NumberField {
  const char* name;
  std::uint64_t MeasurePoint::*field;
};

constexpr std::array numbers{NumberField{"page_size", &MeasurePoint::page_size},
                             NumberField{"size", &MeasurePoint::size},
                             NumberField{"mapped", &MeasurePoint::mapped},
                             NumberField{"files", &MeasurePoint::files},
                             NumberField{"pinners", &MeasurePoint::pinner_count},
                             NumberField{"breakers", &MeasurePoint::breaker_count},
                             NumberField{"pins_per_page", &MeasurePoint::pins_per_page},
                             NumberField{"numjobs", &MeasurePoint::numjobs},
                             NumberField{"iodepth", &MeasurePoint::iodepth},
                             NumberField{"bs", &MeasurePoint::block_size},
                             NumberField{"think_ns", &MeasurePoint::think_ns},
                             NumberField{"pin_think_ns", &MeasurePoint::pin_think_ns},
                             NumberField{"refault", &MeasurePoint::refault},
                             NumberField{"hold_ns", &MeasurePoint::hold_ns},
                             NumberField{"rate_iops", &MeasurePoint::rate_iops},
                             NumberField{"loops", &MeasurePoint::loops},
                             NumberField{"repetitions", &MeasurePoint::repetitions},
                             NumberField{"seed", &MeasurePoint::seed},
                             NumberField{"random", &MeasurePoint::random}};

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
  for (const NumberField& number : numbers)
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
  for (const NumberField& number : numbers)
    point.*number.field = json.at(number.name).get<std::uint64_t>();
  return point;
}

}  // namespace daxbreak
