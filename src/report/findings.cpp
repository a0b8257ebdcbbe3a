// SPDX-License-Identifier: GPL-2.0
#include "report/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "report/cells.h"
#include "report/marks.h"
#include "report/tally.h"
#include "report/text.h"

namespace daxbreak {
namespace {

constexpr std::size_t most_patterns = 6;
constexpr std::size_t most_evidence = 14;
constexpr std::size_t most_console = 10;

/// A trial with one of its findings.
struct Case {
  const TrialRecord* trial = nullptr;
  const Finding* finding = nullptr;
  const KnownFinding* known = nullptr;
};

using Cases = std::vector<Case>;

std::string meaning_of(const std::string& kind) {
  for (const FindingKind& known : finding_kinds())
    if (known.name == kind) return std::string(known.meaning);
  return "";
}

/// The kinds found on a kernel, the worst first.
std::vector<std::pair<std::string, Cases>> by_kind(const RunRecord& run, const std::string& kernel,
                                                   const std::vector<KnownFinding>& known) {
  std::map<std::string, Cases> cases;
  for (const TrialRecord& trial : run.trials) {
    if (trial.timeline.cell.kernel != kernel || trial.verdict.outcome != Outcome::fail) continue;
    for (const Finding& finding : trial.verdict.findings)
      cases[finding.kind].push_back(
          {&trial, &finding,
           explain(finding, trial.timeline.cell, environment_of(run, kernel), known)});
  }
  std::vector<std::pair<std::string, Cases>> sorted(cases.begin(), cases.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& left, const auto& right) {
    return rank_of(left.first) < rank_of(right.first);
  });
  return sorted;
}

/// A trial can have several findings of a kind: two complaints of the kernel, say.
std::set<const TrialRecord*> trials_of(const Cases& cases) {
  std::set<const TrialRecord*> trials;
  for (const Case& one : cases)
    trials.insert(one.trial);
  return trials;
}

/// The case that shows it best: one that nobody knows yet, came back and has evidence.
const Case& example_of(const Cases& cases) {
  const auto worth = [](const Case& c) {
    return std::tuple(c.known == nullptr, !c.finding->evidence.empty(),
                      c.trial->came_back >= c.trial->attempts);
  };
  return *std::max_element(cases.begin(), cases.end(), [&](const Case& left, const Case& right) {
    return worth(left) < worth(right);
  });
}

/// Paragraphs under one finding.
class Paragraph {
 public:
  explicit Paragraph(const Style& style) : style_(style) {}

  void title(const std::string& text) { out_ += wrap(text, style_.width, "", "  "); }

  /// "  Label    text that goes on\n           here".
  void field(std::string_view label, const std::string& text) {
    const std::string first = fmt::format("  {:<8} ", label);
    out_ += wrap(text, style_.width, first, std::string(first.size(), ' '));
  }

  void lines(const std::vector<std::string>& lines, std::size_t most, bool last) {
    const std::size_t skip = last && lines.size() > most ? lines.size() - most : 0;
    const std::size_t end = std::min(lines.size(), skip + most);
    const auto room = static_cast<std::size_t>(std::max(style_.width, 20)) - 13;
    const std::string bar = std::string(11, ' ') + (style_.utf8 ? "│ " : "| ");
    for (std::size_t i = skip; i < end; ++i) {
      const std::string_view line = lines[i];
      const auto tail = line.find_last_not_of(" \t\r\n");
      out_ += style_.paint(Ink::faint, bar + shorten(line.substr(0, tail + 1), room)) + "\n";
    }
    if (end < lines.size())
      out_ +=
          style_.paint(Ink::faint, fmt::format("{}and {} more", bar, lines.size() - end)) + "\n";
  }

  [[nodiscard]] std::string text() const { return out_; }

 private:
  const Style& style_;
  std::string out_;
};

/// Which entries of known-findings explain how many of the cases.
/// An entry's note is told once; `told` remembers.
void annotate(Paragraph& paragraph, const Cases& cases, std::set<std::string>& told) {
  std::map<const KnownFinding*, std::size_t> counts;
  for (const Case& one : cases)
    ++counts[one.known];
  const std::size_t fresh = counts.contains(nullptr) ? counts.at(nullptr) : 0;
  for (const auto& [known, count] : counts) {
    if (known == nullptr) continue;
    std::string text = known->id;
    if (counts.size() > 1) text += fmt::format(" ({} of {})", count, cases.size());
    if (!told.insert(known->id).second) {
      text += ", see above";
    } else {
      if (!known->note.empty()) text += ": " + known->note;
      if (!known->reference.empty()) text += " [" + known->reference + "]";
    }
    paragraph.field("Known", text);
  }
  if (fresh > 0)
    paragraph.field("New", fresh == cases.size()
                               ? "nothing in known-findings explains it"
                               : fmt::format("{} of {} are not explained by known-findings", fresh,
                                             cases.size()));
}

std::string explain_kind(const RunRecord& run, const std::string& kernel, const std::string& kind,
                         const Cases& cases, std::size_t judged, const std::vector<Cell>& universe,
                         std::set<std::string>& told, const Style& style) {
  Paragraph paragraph(style);
  const bool fresh =
      std::any_of(cases.begin(), cases.end(), [](const Case& one) { return one.known == nullptr; });
  std::string title =
      fmt::format("{}: {} in {} of {}", kernel_title(environment_of(run, kernel), kernel), kind,
                  trials_of(cases).size(), plural(judged, "trial"));
  if (const std::string meaning = meaning_of(kind); !meaning.empty()) title += ": " + meaning + ".";
  // Colour after wrapping would be cut; the kind is one word and survives it.
  const auto at = title.find(kind);
  std::string wrapped = wrap(title, style.width, "", "  ");
  if (const auto found = wrapped.find(kind, std::min(at, wrapped.size()));
      found != std::string::npos)
    wrapped.replace(found, kind.size(), style.paint(fresh ? Ink::bad : Ink::known, kind));

  std::vector<Cell> hit;
  long attempts = 0;
  long came_back = 0;
  const std::set<const TrialRecord*> trials = trials_of(cases);
  for (const TrialRecord* const trial : trials) {
    hit.push_back(trial->timeline.cell);
    attempts += trial->attempts;
    came_back += trial->came_back;
  }
  const std::vector<std::string> patterns = describe_cells(hit, universe);
  const std::size_t shown = patterns.size() > most_patterns + 1 ? most_patterns : patterns.size();
  for (std::size_t i = 0; i < shown; ++i)
    paragraph.field(i == 0 ? "Cells" : "", patterns[i]);
  if (shown < patterns.size())
    paragraph.field("", fmt::format("and {}", plural(patterns.size() - shown, "more pattern")));
  if (patterns.size() > shown)
    if (const auto factors = common_factors(hit, universe); !factors.empty())
      paragraph.field("Common", fmt::format("{}", fmt::join(factors, "; ")));
  paragraph.field("Again",
                  attempts <= static_cast<long>(trials.size())
                      ? "not rerun"
                      : fmt::format("came back in {} of {} attempts", came_back, attempts));
  annotate(paragraph, cases, told);

  const Case& example = example_of(cases);
  paragraph.field("Example", fmt::format("{}: {}{}", example.trial->timeline.cell.id(),
                                         example.finding->sentence,
                                         example.finding->sentence.ends_with('.') ? "" : "."));
  paragraph.lines(example.finding->evidence, most_evidence, false);
  if (const auto left_out = example.trial->timeline.events_left_out; left_out != 0)
    paragraph.lines({fmt::format("(puts and wakes that came too often to be written down: {})",
                                 thousands(left_out))},
                    1, false);
  return wrapped + paragraph.text();
}

}  // namespace

std::string format_findings(const RunRecord& run, const std::vector<KnownFinding>& known,
                            const Style& style) {
  std::string out;
  std::set<std::string> told;
  for (const std::string& kernel : kernels_of(run)) {
    const auto kinds = by_kind(run, kernel, known);
    if (kinds.empty()) continue;
    // What did not run proves nothing, and is no part of what a pattern ranges over.
    std::vector<Cell> universe;
    for (const TrialRecord& trial : run.trials)
      if (trial.timeline.cell.kernel == kernel &&
          (trial.verdict.outcome == Outcome::pass || trial.verdict.outcome == Outcome::fail))
        universe.push_back(trial.timeline.cell);
    const std::size_t judged = tally_of(run, known, kernel).ran();
    for (const auto& [kind, cases] : kinds) {
      if (!out.empty()) out += "\n";
      out += explain_kind(run, kernel, kind, cases, judged, universe, told, style);
    }
  }
  return out;
}

std::string format_incidents(const RunRecord& run, const Style& style) {
  std::string out;
  for (const Incident& incident : run.incidents) {
    Paragraph paragraph(style);
    paragraph.title(fmt::format("{}: {}{}{}", incident.kernel.empty() ? "lab" : incident.kernel,
                                incident.what, incident.sentence.empty() ? "" : ": ",
                                incident.sentence));
    paragraph.lines(incident.console, most_console, true);
    out += paragraph.text();
  }
  return out;
}

}  // namespace daxbreak
