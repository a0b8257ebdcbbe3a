// SPDX-License-Identifier: GPL-2.0
#include "cli/output.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/stdio_style.h"
#include "report/findings_page.h"
#include "report/fio_json.h"
#include "report/fio_text.h"
#include "report/html_report.h"
#include "report/junit.h"
#include "report/ktap.h"
#include "report/matrix.h"
#include "report/measure_table.h"
#include "report/schemes_page.h"
#include "report/style.h"
#include "report/versus_table.h"

namespace daxbreak {
namespace {

std::string normal_report(const RunRecord& run, const std::vector<KnownFinding>& known,
                          const Style& style) {
  std::string text = format_report(run, known, style);
  const std::string latencies = format_fio_text(run, known, GroupBy::kernel, style);
  if (!latencies.empty()) text += "\n" + latencies;
  if (const std::string measures = format_measures(run, known, style); !measures.empty())
    text += "\n" + measures;
  if (!versus_rows(run).empty()) text += "\n" + format_versus(run, style);
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

}  // namespace

Result<std::vector<KnownFinding>> known_findings(const std::filesystem::path& configs) {
  const auto path = configs / "known-findings";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::vector<KnownFinding>{};
  return load_known_findings(path);
}

Result<void> write_report(const RunRecord& run, const std::vector<KnownFinding>& known,
                          const RunOptions& options, const std::vector<Format>& formats) {
  if (options.logs.any())
    for (const FioLogFile& log : fio_logs(run, known, options.logs))
      if (auto written = write_file(log.name, log.text); !written) return written;
  const bool to_file = !options.output.empty();
  const Style style = style_of(STDOUT_FILENO);
  if (!to_file && formats.front() == Format::html && isatty(STDOUT_FILENO) == 1)
    return Error{"html is for a browser, not for a terminal: say where to with --output FILE.html"};
  std::string text;
  for (const Format format : formats) {
    if (format == Format::normal)
      text += normal_report(run, known, to_file ? Style{} : style);
    else if (format == Format::findings_page)
      text += format_findings_page(run, known);
    else if (format == Format::schemes_page)
      text += format_schemes_page(run, known);
    else if (format == Format::html)
      text += format_html(run, known);
    else if (format == Format::ktap)
      text += format_ktap(run, known, options.expectation());
    else if (format == Format::junit)
      text += format_junit(run, known, options.expectation());
    else
      text += format_fio_json(run, known, format == Format::json_plus);
  }
  if (!to_file) return write_all(STDOUT_FILENO, text);
  if (auto written = write_file(options.output, text); !written) return written;
  if (isatty(STDOUT_FILENO) != 1) return ok();
  return write_all(STDOUT_FILENO, normal_report(run, known, style));
}

}  // namespace daxbreak
