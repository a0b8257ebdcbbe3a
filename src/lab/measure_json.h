// SPDX-License-Identifier: GPL-2.0
/// Measurements as a plan takes them into a guest.
#pragma once

#include "base/result.h"
#include "job/measure.h"
#include "result/stream.h"

namespace daxbreak {

[[nodiscard]] Json to_json(const MeasurePoint& point);
/// Throws as nlohmann does for members that are missing or of another type.
[[nodiscard]] Result<MeasurePoint> measure_point_from_json(const Json& json);

}  // namespace daxbreak
