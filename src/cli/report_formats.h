// SPDX-License-Identifier: GPL-2.0
/// The ways a run is written down, as `--output-format` names them: one table.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "report/known.h"
#include "report/style.h"
#include "report/tally.h"
#include "result/record.h"

namespace daxbreak {

/// What a report is made of.
struct ReportInput {
  const RunRecord& run;
  const std::vector<KnownFinding>& known;
  Expect expect = Expect::pass;
  Style style{};
};

struct ReportFormat {
  std::string_view name;
  std::string_view note;  ///< behind the name where --help lists them; may be ""
  bool alone = false;     ///< a file of its own: not written together with another
  bool page = false;      ///< for a browser, not for a terminal
  std::string (*text)(const ReportInput&) = nullptr;
};

[[nodiscard]] std::span<const ReportFormat> report_formats();

/// "normal, json, json+ (fio's schema), ...", for --help.
[[nodiscard]] std::string report_format_help();

using ReportFormats = std::vector<const ReportFormat*>;

/// The formats of a list "normal,json", in its order; an Error names the unknown one, or the one
/// that has to be alone.
[[nodiscard]] Result<ReportFormats> choose_formats(const std::string& list);

}  // namespace daxbreak
