// SPDX-License-Identifier: GPL-2.0
/// JUnit's XML, as Jenkins and GitLab read it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/known.h"
#include "report/tally.h"
#include "result/record.h"

namespace daxbreak {

/// One testsuite for each kernel, one testcase for each cell: <failure> with the findings and their
/// evidence, <skipped> with the reason (also for what proved nothing), <error> for a machine that
/// died. What the user expects to fail passes, and says so in <system-out>. Pure.
[[nodiscard]] std::string format_junit(const RunRecord& run, const std::vector<KnownFinding>& known,
                                       Expect expect);

/// Text as it may stand in XML's text and attributes: marked-up signs escaped, and what XML 1.0 has
/// no way to write (control characters, bytes that are no UTF-8) replaced.
[[nodiscard]] std::string xml_text(std::string_view text);

}  // namespace daxbreak
