// SPDX-License-Identifier: GPL-2.0
/// What a run found, for the HTML report: each defect once, with the way to see it again.
#pragma once

#include <vector>

#include "report/html_strings.h"
#include "report/known.h"
#include "result/record.h"

namespace daxbreak::html {

/// {"list": [{"title", "known": [id, note, reference] or null, "kinds": [...], "kernels": [[kernel,
/// trials, of those that ran, again, attempts, simplest cell, patterns, common], ...], "example":
/// {"trial", "finding", ...}, "program": [line, ...] or a sentence}, ...], "lines": [...]}. An
/// example names its trial by its place in RunRecord::trials. Programs share nearly all of their
/// lines, so they are numbers of "lines".
[[nodiscard]] Json defects_json(const RunRecord& run, const std::vector<KnownFinding>& known);

}  // namespace daxbreak::html
