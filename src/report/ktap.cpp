// SPDX-License-Identifier: GPL-2.0
#include "report/ktap.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/checks.h"

namespace daxbreak {
namespace {

constexpr std::string_view subtest = "  ";  // one level, in ktap.rst

/// Text that stays in its place: in one line and, in a description, without the sign that ends it.
std::string one_line(std::string_view text, bool description) {
  std::string line;
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    if (control)
      line += ' ';
    else
      line += description && c == '#' ? '_' : c;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string diagnostic(std::string_view text) {
  return fmt::format("{}# {}\n", subtest, one_line(text, false));
}

std::string diagnostics_of(const Check& check) {
  std::string out;
  for (const CheckFinding& finding : check.findings) {
    out += diagnostic(fmt::format("{}: {}: {}", check.name, finding.kind, finding.sentence));
    if (!finding.known.empty()) out += diagnostic("  known: " + finding.known);
    for (const std::string& line : finding.evidence)
      out += diagnostic("  " + line);
  }
  return out;
}

std::string known_of(const Check& check) {
  std::vector<std::string> ids;
  for (const CheckFinding& finding : check.findings)
    if (!finding.known.empty() && std::find(ids.begin(), ids.end(), finding.known) == ids.end())
      ids.push_back(finding.known);
  return fmt::format("{}", fmt::join(ids, " "));
}

std::string result_of(const Check& check, std::size_t number) {
  const bool bad = check.state == CheckState::failed || check.state == CheckState::broken;
  std::string line =
      fmt::format("{}{} {} {}", subtest, bad ? "not ok" : "ok", number, one_line(check.name, true));
  switch (check.state) {
    case CheckState::passed:
    case CheckState::failed:
      break;
    case CheckState::excused:
      line += " # XFAIL known: " + known_of(check);
      break;
    case CheckState::skipped:
      line += " # SKIP " + one_line(check.reason, false);
      break;
    case CheckState::unproved:
      line += " # SKIP inconclusive: " + one_line(check.reason, false);
      break;
    case CheckState::broken:
      line += " # ERROR " + one_line(check.reason, false);
      break;
  }
  return line + "\n";
}

}  // namespace

std::string format_ktap(const RunRecord& run, const std::vector<KnownFinding>& known,
                        Expect expect) {
  const std::vector<CheckSuite> suites = checks_of(run, known, expect);
  std::string out = fmt::format("KTAP version 1\n1..{}\n", suites.size());
  std::size_t number = 0;
  for (const CheckSuite& suite : suites) {
    const Environment& environment = suite.environment;
    // KUnit's way to name a subtest before its results.
    out += fmt::format("{0}KTAP version 1\n{0}# Subtest: {1}\n{0}1..{2}\n", subtest,
                       one_line(suite.name, true), suite.checks.size());
    if (!environment.release.empty())
      out +=
          diagnostic(fmt::format("kernel {} ({}), scheme {}, accelerator {}", environment.release,
                                 environment.version, environment.scheme, environment.accelerator));
    std::size_t inner = 0;
    for (const Check& check : suite.checks)
      out += diagnostics_of(check) + result_of(check, ++inner);
    const std::size_t skipped =
        suite.count(CheckState::skipped) + suite.count(CheckState::unproved);
    out += fmt::format("# {}: pass:{} fail:{} xfail:{} skip:{} error:{} total:{}\n",
                       one_line(suite.name, true), suite.count(CheckState::passed),
                       suite.count(CheckState::failed), suite.count(CheckState::excused), skipped,
                       suite.count(CheckState::broken), suite.checks.size());
    out += fmt::format("{} {} {}\n", suite.good() ? "ok" : "not ok", ++number,
                       one_line(suite.name, true));
  }
  return out;
}

}  // namespace daxbreak
