// SPDX-License-Identifier: GPL-2.0
#include "cli/output.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/stdio_style.h"
#include "report/findings_page.h"
#include "report/fio_json.h"
#include "report/fio_text.h"
#include "report/matrix.h"
#include "report/schemes_page.h"
#include "report/style.h"

namespace daxbreak {
namespace {

std::string normal_report(const RunRecord& run, const std::vector<KnownFinding>& known,
                          const Style& style) {
  std::string text = format_report(run, known, style);
  const std::string latencies = format_fio_text(run, known, GroupBy::kernel, style);
  if (!latencies.empty()) text += "\n" + latencies;
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

Result<void> write_file(const std::string& path, const std::string& text) {
  auto file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return file.error();
  if (auto done = write_all(file->get(), text); !done)
    return Error{"write " + path, done.error().number};
  return ok();
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
  std::string text;
  for (const Format format : formats) {
    if (format == Format::normal)
      text += normal_report(run, known, to_file ? Style{} : style);
    else if (format == Format::findings_page)
      text += format_findings_page(run, known);
    else if (format == Format::schemes_page)
      text += format_schemes_page(run, known);
    else
      text += format_fio_json(run, known, format == Format::json_plus);
  }
  if (!to_file) return write_all(STDOUT_FILENO, text);
  if (auto written = write_file(options.output, text); !written) return written;
  if (isatty(STDOUT_FILENO) != 1) return ok();
  return write_all(STDOUT_FILENO, normal_report(run, known, style));
}

}  // namespace daxbreak
