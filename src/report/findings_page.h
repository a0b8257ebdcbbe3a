// SPDX-License-Identifier: GPL-2.0
/// The findings of runs as a page one can send: docs/findings.md. Pure.
#pragma once

#include <string>
#include <vector>

#include "report/known.h"
#include "result/record.h"

namespace daxbreak {

/// Markdown: what ran (kernels, counts, skips by reason), then one section for each defect (an
/// entry of known-findings, or a kind of finding that none explains): on which kernels and in how
/// many trials, the smallest cell that shows it with its evidence, its reproducer's command, what
/// is known of its cause.
[[nodiscard]] std::string format_findings_page(const RunRecord& run,
                                               const std::vector<KnownFinding>& known);

}  // namespace daxbreak
