// SPDX-License-Identifier: GPL-2.0
// Writes a hand-made run in a format that tools outside of this program read, for their tests:
// daxbreak-sample-report html|ktap|junit [known]. With a file's name instead: that saved run as
// html.
#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "report/html_report.h"
#include "report/junit.h"
#include "report/ktap.h"
#include "result/saved_run.h"
#include "unit/report_run.h"

int main(int argc, char** argv) {
  using namespace daxbreak;
  const std::string_view format = argc > 1 ? argv[1] : "";
  const Expect expect =
      argc > 2 && std::string_view(argv[2]) == "known" ? Expect::known : Expect::pass;
  const RunRecord run = sample::report_run();
  const auto known = sample::report_known();
  if (format == "html") {
    fmt::print("{}", format_html(run, known));
  } else if (format == "ktap") {
    fmt::print("{}", format_ktap(run, known, expect));
  } else if (format == "junit") {
    fmt::print("{}", format_junit(run, known, expect));
  } else {
    const auto saved = load_run(std::string(format));
    if (!saved) {
      fmt::print(stderr, "{}\n", saved.error().message());
      return 2;
    }
    fmt::print("{}", format_html(saved->run, known));
  }
  return 0;
}
