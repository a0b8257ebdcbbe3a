// SPDX-License-Identifier: GPL-2.0
/// What the observer of a storm adds to its record. Pure.
#pragma once

#include "result/measure.h"

namespace daxbreak {

/// Operations of pinners and breakers a second: what the observer's cost is measured by.
[[nodiscard]] double operations_per_second(const MeasureRecord& record);

/// Turns the counts "scans" and "sleeps" into "scans per break" and "sleeps per break".
void per_break(MeasureRecord& record);

/// Takes the series without a direction of their own and the numbers of a repetition that was
/// observed into one that was not, with "observer cost": what all operations together lost, in
/// percent (negative: the observed run was the faster one).
void add_observed(MeasureRecord& plain, const MeasureRecord& observed);

}  // namespace daxbreak
