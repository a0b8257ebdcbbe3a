// SPDX-License-Identifier: GPL-2.0
/// A run as the HTML report's script wants it: everything once, most of it by number.
#pragma once

#include <vector>

#include "report/html_strings.h"
#include "report/known.h"
#include "result/record.h"

namespace daxbreak::html {

/// The layout of what run_json() returns; the script refuses any other.
inline constexpr int data_version = 1;

/// Everything that the page shows. Its keys, where they are not as in RunRecord:
/// "strings"    texts that others name by number
/// "events"     names of the kinds of event; "shapes": ShapeTable::json()
/// "kinds"      [[name, letter, invariant, meaning], ...] of findings that occur, worst first
/// "known"      [[id, note, reference], ...]
/// "cells"      [[id, filesystem, page size, held, breaker, disturber, memory], ...] in plan order
/// "trials"     [[kernel, cell, outcome, reason, seconds, attempts, came back, findings, measures,
///              timeline, notes], ...]: kernel, cell by number; outcome 0 pass, 1 fail, 2 skip, 3
///              inconclusive; findings [[kind, sentence, known or -1, evidence], ...]; measures
///              [break, blocked, wake, put to wake, scans] or null each; timeline_json(), or 0
/// "defects"    what findings come down to, each with one example and its program
/// "latencies", "sweeps", "costs": html_curves.h
[[nodiscard]] Json run_json(const RunRecord& run, const std::vector<KnownFinding>& known);

}  // namespace daxbreak::html
