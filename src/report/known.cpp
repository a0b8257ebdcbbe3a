// SPDX-License-Identifier: GPL-2.0
#include "report/known.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/units.h"

namespace daxbreak {
namespace {

using Patterns = std::vector<std::string>;

const std::map<std::string, Patterns KnownFinding::*>& list_keys() {
  static const std::map<std::string, Patterns KnownFinding::*> keys = {
      {"kinds", &KnownFinding::kinds},         {"schemes", &KnownFinding::schemes},
      {"releases", &KnownFinding::releases},   {"filesystems", &KnownFinding::filesystems},
      {"pages", &KnownFinding::pages},         {"pins", &KnownFinding::pins},
      {"breakers", &KnownFinding::breakers},   {"disturbers", &KnownFinding::disturbers},
      {"memories", &KnownFinding::memories},   {"ranges", &KnownFinding::ranges},
      {"gates", &KnownFinding::gates},         {"loads", &KnownFinding::loads},
      {"sentences", &KnownFinding::sentences},
  };
  return keys;
}

Patterns patterns_in(std::string_view text) {
  const auto words = split(text, " \t,");
  return {words.begin(), words.end()};
}

bool matches(const Patterns& patterns, const std::string& value) {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [&](const auto& p) {
           return ::fnmatch(p.c_str(), value.c_str(), 0) == 0;
         });
}

/// What trials and measurements have in common.
bool fits(const KnownFinding& entry, const Finding& finding, const Environment& environment) {
  return matches(entry.kinds, finding.kind) && matches(entry.schemes, environment.scheme) &&
         matches(entry.releases, environment.release) && matches(entry.sentences, finding.sentence);
}

template <class Subject>
bool every_finding_known(const Verdict& verdict, const Subject& subject,
                         const Environment& environment, const std::vector<KnownFinding>& known) {
  return verdict.outcome == Outcome::fail && !verdict.findings.empty() &&
         std::all_of(verdict.findings.begin(), verdict.findings.end(), [&](const Finding& finding) {
           return explain(finding, subject, environment, known) != nullptr;
         });
}

/// "key = value" into the section; the text of what is wrong, or "".
std::string assign(KnownFinding& section, const std::string& key, std::string_view value) {
  if (value.empty()) return fmt::format("\"{}\" has no value", key);
  if (key == "reference") {
    section.reference = value;
  } else if (key == "note") {
    section.note = value;
  } else if (const auto at = list_keys().find(key); at != list_keys().end()) {
    section.*(at->second) = patterns_in(value);
  } else {
    Patterns words = {"reference", "note"};
    for (const auto& [word, member] : list_keys())
      words.push_back(word);
    const std::string near = nearest_word(key, words);
    return fmt::format("unknown key \"{}\"{}", key,
                       near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near));
  }
  return "";
}

/// Whether one of a measurement's names is meant: several stand as "a+b" in its settings, and where
/// the record has none nobody can say.
bool means(const std::vector<std::string>& patterns, const MeasureRecord& measure,
           const std::string& key) {
  if (patterns.empty()) return true;
  const auto at = measure.settings.find(key);
  if (at == measure.settings.end()) return false;
  const auto names = split(at->second, "+");
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return matches(patterns, std::string(name)); });
}

}  // namespace

Result<std::vector<KnownFinding>> parse_known_findings(std::string_view text,
                                                       const std::string& name) {
  std::vector<KnownFinding> known;
  std::string* continued = nullptr;  // a note or reference that the next indented line goes on
  int number = 0;
  const auto wrong = [&](const std::string& what) {
    return Error{fmt::format("{}:{}: {}", name, number, what)};
  };
  while (!text.empty()) {
    ++number;
    const auto newline = text.find('\n');
    const std::string_view raw = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;

    if (line.front() == '[') {
      if (line.back() != ']' || line.size() < 3) return wrong("a section is written [name]");
      const std::string id(trim(line.substr(1, line.size() - 2)));
      if (std::any_of(known.begin(), known.end(), [&](const auto& k) { return k.id == id; }))
        return wrong("there are two sections \"" + id + "\"");
      known.push_back(KnownFinding{.id = id});
      continued = nullptr;
      continue;
    }
    const bool indented = raw.front() == ' ' || raw.front() == '\t';
    if (indented && continued != nullptr) {
      *continued += " " + std::string(line);
      continue;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return wrong("expected \"key = value\"");
    if (known.empty()) return wrong("a key before the first [section]");
    const std::string key(trim(line.substr(0, equals)));
    const std::string problem = assign(known.back(), key, trim(line.substr(equals + 1)));
    if (!problem.empty()) return wrong(problem);
    continued = key == "note"        ? &known.back().note
                : key == "reference" ? &known.back().reference
                                     : nullptr;
  }
  for (const KnownFinding& entry : known)
    if (entry.kinds.empty())
      return Error{fmt::format("{}: section \"{}\" has no \"kinds\"", name, entry.id)};
  return known;
}

Result<std::vector<KnownFinding>> load_known_findings(const std::filesystem::path& path) {
  auto text = read_file(path);
  if (!text) return text.error();
  return parse_known_findings(*text, path.string());
}

const KnownFinding* explain(const Finding& finding, const Cell& cell,
                            const Environment& environment,
                            const std::vector<KnownFinding>& known) {
  for (const KnownFinding& entry : known)
    if (entry.loads.empty() && fits(entry, finding, environment) &&
        matches(entry.filesystems, cell.filesystem) &&
        matches(entry.pages, format_size(cell.page_size)) && matches(entry.pins, cell.pin) &&
        matches(entry.breakers, cell.breaker) && matches(entry.disturbers, cell.disturber) &&
        matches(entry.memories, cell.memory) && matches(entry.ranges, cell.range) &&
        matches(entry.gates, cell.gate))
      return &entry;
  return nullptr;
}

const KnownFinding* explain(const Finding& finding, const MeasureRecord& measure,
                            const Environment& environment,
                            const std::vector<KnownFinding>& known) {
  for (const KnownFinding& entry : known)
    if (!entry.loads.empty() && matches(entry.loads, measure.load) &&
        fits(entry, finding, environment) && matches(entry.filesystems, measure.filesystem) &&
        matches(entry.pages, format_size(measure.page_size)) && means(entry.pins, measure, "pin") &&
        means(entry.breakers, measure, "breaker"))
      return &entry;
  return nullptr;
}

bool all_known(const TrialRecord& trial, const Environment& environment,
               const std::vector<KnownFinding>& known) {
  return every_finding_known(trial.verdict, trial.timeline.cell, environment, known);
}

bool all_known(const MeasureRecord& measure, const Environment& environment,
               const std::vector<KnownFinding>& known) {
  return every_finding_known(measure.verdict, measure, environment, known);
}

}  // namespace daxbreak
