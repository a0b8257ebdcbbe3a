// SPDX-License-Identifier: GPL-2.0
#include "report/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/checks.h"

namespace daxbreak {
namespace {

/// The UTF-8 sequence that a text starts with, or "" if that is none, or one of a character that
/// XML 1.0 does not have (section 2.2).
std::string_view character_of(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t length = 1;
  std::uint32_t code = first;
  if (first >= 0x80) {
    if (first >= 0xC2 && first < 0xE0)
      length = 2;
    else if (first >= 0xE0 && first < 0xF0)
      length = 3;
    else if (first >= 0xF0 && first < 0xF5)
      length = 4;
    else
      return {};
    if (text.size() < length) return {};
    code = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[i]);
      if ((next & 0xC0U) != 0x80U) return {};
      code = (code << 6U) | (next & 0x3FU);
    }
  }
  constexpr std::array<std::uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  const bool overlong = code < least.at(length);
  const bool white = code == '\t' || code == '\n' || code == '\r';
  const bool no_character = (code < ' ' && !white) || (code >= 0xD800 && code < 0xE000) ||
                            code == 0xFFFE || code == 0xFFFF || code > 0x10FFFF;
  return overlong || no_character ? std::string_view{} : text.substr(0, length);
}

std::string attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, xml_text(value));
}

std::string property(std::string_view name, std::string_view value) {
  if (value.empty()) return "";
  return fmt::format("      <property{}{}/>\n", attribute("name", name), attribute("value", value));
}

std::string properties_of(const Environment& environment) {
  std::string out =
      property("release", environment.release) + property("version", environment.version) +
      property("origin", environment.origin) + property("scheme", environment.scheme) +
      property("accelerator", environment.accelerator);
  if (environment.accelerator == "tcg") out += property("timings", "those of software emulation");
  out += property("observer", environment.observer);
  return out.empty() ? "" : "    <properties>\n" + out + "    </properties>\n";
}

std::string evidence_of(const Check& check) {
  std::string text;
  for (const CheckFinding& finding : check.findings) {
    text += fmt::format("{}: {}\n", finding.kind, finding.sentence);
    if (!finding.known.empty()) text += "  known: " + finding.known + "\n";
    for (const std::string& line : finding.evidence)
      text += "  " + line + "\n";
  }
  return text;
}

/// <failure> or <error>, with everything that was found.
std::string complaint(std::string_view element, const Check& check) {
  const bool found = !check.findings.empty();
  return fmt::format("      <{}{}{}>{}</{}>\n", element,
                     attribute("type", found ? check.findings.front().kind : "could-not-run"),
                     attribute("message", found ? check.findings.front().sentence : check.reason),
                     xml_text(evidence_of(check)), element);
}

std::string inside_of(const Check& check) {
  switch (check.state) {
    case CheckState::passed:
      return "";
    case CheckState::failed:
      return complaint("failure", check);
    case CheckState::broken:
      return complaint("error", check);
    case CheckState::excused:
      return fmt::format("      <system-out>failed, as is known\n{}</system-out>\n",
                         xml_text(evidence_of(check)));
    case CheckState::skipped:
      return fmt::format("      <skipped{}/>\n", attribute("message", check.reason));
    case CheckState::unproved:
      break;
  }
  return fmt::format("      <skipped{}/>\n", attribute("message", "inconclusive: " + check.reason));
}

/// Counts as both testsuites and testsuite have them.
struct Counts {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
  double seconds = 0;

  void add(const CheckSuite& suite) {
    tests += suite.checks.size();
    failures += suite.count(CheckState::failed);
    errors += suite.count(CheckState::broken);
    skipped += suite.count(CheckState::skipped) + suite.count(CheckState::unproved);
    for (const Check& check : suite.checks)
      seconds += check.seconds;
  }
  [[nodiscard]] std::string attributes() const {
    return fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\"",
                       tests, failures, errors, skipped, seconds);
  }
};

/// Jenkins takes what stands before the last dot for a package, so a kernel's own dots must go.
std::string class_of(const CheckSuite& suite) {
  std::string kernel = suite.name;
  std::replace(kernel.begin(), kernel.end(), '.', '_');
  return "daxbreak." + kernel;
}

std::string format_suite(const CheckSuite& suite, const std::string& started) {
  Counts counts;
  counts.add(suite);
  std::string out =
      fmt::format("  <testsuite{}{}", attribute("name", suite.name), counts.attributes());
  // ISO 8601 without a zone, says the schema that Jenkins publishes; it is UTC.
  if (!started.empty())
    out += attribute("timestamp", started.substr(0, started.find_first_of("Z+")));
  out += ">\n" + properties_of(suite.environment);
  for (const Check& check : suite.checks) {
    out += fmt::format("    <testcase{}{} time=\"{:.3f}\"", attribute("classname", class_of(suite)),
                       attribute("name", check.name), check.seconds);
    const std::string inside = inside_of(check);
    out += inside.empty() ? "/>\n" : ">\n" + inside + "    </testcase>\n";
  }
  return out + "  </testsuite>\n";
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view character = character_of(text);
    text.remove_prefix(std::max<std::size_t>(character.size(), 1));
    if (character.empty())
      out += "\xEF\xBF\xBD";  // U+FFFD
    else if (character == "&")
      out += "&amp;";
    else if (character == "<")
      out += "&lt;";
    else if (character == ">")
      out += "&gt;";
    else if (character == "\"")
      out += "&quot;";
    else if (character == "\r")
      out += "&#13;";  // or a parser would make a line's end of it
    else
      out += character;
  }
  return out;
}

std::string format_junit(const RunRecord& run, const std::vector<KnownFinding>& known,
                         Expect expect) {
  const std::vector<CheckSuite> suites = checks_of(run, known, expect);
  Counts counts;
  std::string inside;
  for (const CheckSuite& suite : suites) {
    counts.add(suite);
    inside += format_suite(suite, run.started);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"daxbreak\"{}>\n{}"
      "</testsuites>\n",
      counts.attributes(), inside);
}

}  // namespace daxbreak
