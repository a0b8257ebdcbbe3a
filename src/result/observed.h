// SPDX-License-Identifier: GPL-2.0
/// What the observer of a storm adds to its record. Pure.
#pragma once

#include "result/measure.h"

namespace daxbreak {

/// Turns the counts "scans", "sleeps" and "spurious wakeups" into those per break, and "waiters"
/// into those at each of the "wakes".
void per_break(MeasureRecord& record);

/// Takes the series and numbers of one repetition that the other has not.
void add_missing(MeasureRecord& plain, const MeasureRecord& observed);

/// Takes the series without a direction of their own and the numbers of a repetition that was
/// observed into one that was not, with "observer cost, pins" and "observer cost, breaks": what
/// each lost, in percent (negative: the observed run was the faster one).
void add_observed(MeasureRecord& plain, const MeasureRecord& observed);

}  // namespace daxbreak
