// SPDX-License-Identifier: GPL-2.0
/// What the HTML report plots: latencies of trials, and what loads and storms measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/html_strings.h"
#include "report/known.h"
#include "result/record.h"

namespace daxbreak::html {

/// For each kernel and kind of latency (report/groups.h) its samples, ascending, in nanoseconds; of
/// many those at equal steps of their rank, the first and the last included:
/// [{"kernel", "name": "break", "n", "samples": [...]}, ...].
[[nodiscard]] Json latencies_json(const RunRecord& run, const std::vector<KnownFinding>& known);

/// Sweeps: one for each load, place and series whose `point` has a key with several values, of
/// which each is a plot: [{"title", "key", "series", "curves": [{"kernel", "label", "points":
/// [[x, text of x, p50, least, most, rate, repetitions], ...]}]}, ...]. p50 is the median over the
/// repetitions of their medians, least and most the extremes of these, nanoseconds; the rate is the
/// median of operations a second. x is null for values that are no numbers.
[[nodiscard]] Json sweeps_json(const RunRecord& run);

/// The same figures as a table: {"rows": [[load, place, point, series], ...], "kernels": [...],
/// "cells": [[row, kernel, p50, least, most, p99, rate, repetitions], ...], "numbers": [[row,
/// kernel, name, median, least, most], ...]}.
[[nodiscard]] Json costs_json(const RunRecord& run);

/// The number that a swept value is: "64m", "4", "1.5"; nothing for "none".
[[nodiscard]] std::optional<double> swept_number(const std::string& text);

}  // namespace daxbreak::html
