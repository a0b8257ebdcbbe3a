// SPDX-License-Identifier: GPL-2.0
#include "cli/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/stdio_style.h"

namespace daxbreak {
Result<std::vector<KnownFinding>> known_findings(const std::filesystem::path& configs) {
  const auto path = configs / "known-findings";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::vector<KnownFinding>{};
  return load_known_findings(path);
}

Result<void> write_report(const RunRecord& run, const std::vector<KnownFinding>& known,
                          const RunOptions& options, const ReportFormats& formats) {
  if (options.logs.any())
    for (const FioLogFile& log : fio_logs(run, known, options.logs))
      if (auto written = write_file(log.name, log.text); !written) return written;
  const bool to_file = !options.output.empty();
  const Style style = style_of(STDOUT_FILENO);
  if (!to_file && formats.front()->page && isatty(STDOUT_FILENO) == 1)
    return Error{
        fmt::format("{0} is for a browser, not for a terminal: say where to with --output FILE.{0}",
                    formats.front()->name)};
  ReportInput input{.run = run,
                    .known = known,
                    .expect = options.expectation(),
                    .style = to_file ? Style{} : style};
  std::string text;
  for (const ReportFormat* const format : formats)
    text += format->text(input);
  if (!to_file) return write_all(STDOUT_FILENO, text);
  if (auto written = write_file(options.output, text); !written) return written;
  if (isatty(STDOUT_FILENO) != 1) return ok();
  input.style = style;
  return write_all(STDOUT_FILENO, report_formats().front().text(input));
}

}  // namespace daxbreak
