// SPDX-License-Identifier: GPL-2.0
#include "cli/report_formats.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "job/words.h"
#include "report/costs_page.h"
#include "report/findings_page.h"
#include "report/fio_json.h"
#include "report/fio_text.h"
#include "report/html_report.h"
#include "report/junit.h"
#include "report/ktap.h"
#include "report/matrix.h"
#include "report/measure_table.h"
#include "report/schemes_page.h"
#include "report/versus_table.h"

namespace daxbreak {
namespace {

std::string normal_report(const ReportInput& in) {
  std::string text = format_report(in.run, in.known, in.style);
  const std::string latencies = format_fio_text(in.run, in.known, GroupBy::kernel, in.style);
  if (!latencies.empty()) text += "\n" + latencies;
  if (const std::string measures = format_measures(in.run, in.known, in.style); !measures.empty())
    text += "\n" + measures;
  if (!versus_rows(in.run).empty()) text += "\n" + format_versus(in.run, in.style);
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

constexpr std::array<ReportFormat, 9> formats{{
    {.name = "normal", .note = "", .text = normal_report},
    {.name = "json",
     .note = "fio's schema",
     .text = [](const ReportInput& in) { return format_fio_json(in.run, in.known, false); }},
    {.name = "json+",
     .note = "the same with bins",
     .text = [](const ReportInput& in) { return format_fio_json(in.run, in.known, true); }},
    {.name = "findings-page",
     .note = "Markdown",
     .text = [](const ReportInput& in) { return format_findings_page(in.run, in.known); }},
    {.name = "schemes-page",
     .note = "Markdown",
     .text = [](const ReportInput& in) { return format_schemes_page(in.run, in.known); }},
    {.name = "costs-page",
     .note = "Markdown",
     .text = [](const ReportInput& in) { return format_costs_page(in.run, in.known); }},
    {.name = "html",
     .note = "one file, no outside link",
     .alone = true,
     .page = true,
     .text = [](const ReportInput& in) { return format_html(in.run, in.known); }},
    {.name = "ktap",
     .note = "",
     .alone = true,
     .text = [](const ReportInput& in) { return format_ktap(in.run, in.known, in.expect); }},
    {.name = "junit",
     .note = "",
     .alone = true,
     .text = [](const ReportInput& in) { return format_junit(in.run, in.known, in.expect); }},
}};

}  // namespace

std::span<const ReportFormat> report_formats() {
  return formats;
}

std::string report_format_help() {
  std::vector<std::string> words;
  for (const ReportFormat& format : formats)
    words.push_back(format.note.empty() ? std::string(format.name)
                                        : fmt::format("{} ({})", format.name, format.note));
  return fmt::format("{}", fmt::join(words, ", "));
}

Result<ReportFormats> choose_formats(const std::string& list) {
  std::vector<std::string> names;
  for (const ReportFormat& format : formats)
    names.emplace_back(format.name);
  ListError wrong;
  const auto chosen = choose_words(list, "output format", names, wrong);
  if (chosen.empty()) return Error{"--output-format: " + wrong.sentence};
  ReportFormats found;
  for (const std::string& name : chosen) {
    found.push_back(std::find_if(formats.begin(), formats.end(),
                                 [&](const ReportFormat& format) { return format.name == name; }));
    if (chosen.size() > 1 && found.back()->alone)
      return Error{fmt::format(
          "--output-format: {} is a file of its own; ask for it alone, and for the others with "
          "`daxbreak report`",
          name)};
  }
  return found;
}

}  // namespace daxbreak
