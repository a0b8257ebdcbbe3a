// SPDX-License-Identifier: GPL-2.0
#include "report/marks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "report/text.h"

namespace daxbreak {
namespace {

struct Letter {
  std::string_view kind;
  char letter;
};

/// The worst first: a dead machine, then hurt data, then processes that hang, then the rest.
constexpr std::array usual = {
    Letter{"panic", 'P'},       Letter{"kernel-oops", 'O'},
    Letter{"silence", 'N'},     Letter{"wedge", 'Z'},
    Letter{"hang", 'H'},        Letter{"leak", 'X'},
    Letter{"stray-write", 'W'}, Letter{"data-loss", 'D'},
    Letter{"unkillable", 'U'},  Letter{"spin", 'Y'},
    Letter{"stuck", 'S'},       Letter{"lost-wakeup", 'L'},
    Letter{"early-break", 'E'}, Letter{"longterm-pin", 'R'},
    Letter{"count-drift", 'C'}, Letter{"scheme-mismatch", 'M'},
    Letter{"pin-refused", 'G'}, Letter{"kernel-warning", 'K'},
};

constexpr std::size_t longest_kind = 24;

char small(char letter) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
}

char big(char letter) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
}

}  // namespace

int rank_of(const std::string& kind) {
  const auto at =
      std::find_if(usual.begin(), usual.end(), [&](const Letter& l) { return l.kind == kind; });
  return at == usual.end() ? -1 : static_cast<int>(at - usual.begin());
}

Marks::Marks(const RunRecord& run, const std::vector<KnownFinding>& known, const Style& style)
    : run_(run), known_(known), style_(style) {
  for (const TrialRecord& trial : run.trials)
    for (const Finding& finding : trial.verdict.findings)
      if (std::find(kinds_.begin(), kinds_.end(), finding.kind) == kinds_.end())
        kinds_.push_back(finding.kind);
  std::sort(kinds_.begin(), kinds_.end(), [](const std::string& left, const std::string& right) {
    return std::pair(rank_of(left), left) < std::pair(rank_of(right), right);
  });
  std::string free = "FABIJQTV0123456789";
  for (const std::string& kind : kinds_) {
    if (const int rank = rank_of(kind); rank >= 0) {
      letters_[kind] = usual[static_cast<std::size_t>(rank)].letter;
      continue;
    }
    // A letter of the name if one is left, else any that is.
    auto at = free.end();
    for (const char c : kind)
      if (at == free.end()) at = std::find(free.begin(), free.end(), big(c));
    if (at == free.end()) at = free.begin();
    letters_[kind] = at == free.end() ? '#' : *at;
    if (at != free.end()) free.erase(at);
  }
}

Mark Marks::of(const std::vector<const TrialRecord*>& trials) const {
  const TrialRecord* failed = nullptr;
  bool passed = false;
  bool doubtful = false;
  bool skipped = false;
  bool fresh = false;
  int worst = 0;
  char letter = 'F';
  for (const TrialRecord* trial : trials) {
    const Outcome outcome = trial->verdict.outcome;
    passed |= outcome == Outcome::pass;
    doubtful |= outcome == Outcome::inconclusive;
    skipped |= outcome == Outcome::skip;
    if (outcome != Outcome::fail) continue;
    fresh |= !all_known(*trial, environment_of(run_, trial->timeline.cell.kernel), known_);
    for (const Finding& finding : trial->verdict.findings) {
      const int rank = rank_of(finding.kind);
      if (failed == nullptr || rank < worst) {
        worst = rank;
        letter = letters_.at(finding.kind);
      }
      failed = trial;
    }
    failed = trial;
  }
  if (failed != nullptr)
    return {std::string(1, fresh ? letter : small(letter)), fresh ? Ink::bad : Ink::known};
  if (doubtful) return {"?", Ink::doubt};
  if (passed) return {style_.utf8 ? "✓" : ".", Ink::good};
  if (skipped) return {"-", Ink::faint};
  return {" ", Ink::plain};
}

std::vector<Mark> Marks::findings(const std::vector<const TrialRecord*>& trials) const {
  std::map<std::string, bool> fresh;  // of each kind: somebody has to look at it
  for (const TrialRecord* trial : trials) {
    if (trial->verdict.outcome != Outcome::fail) continue;
    const Environment& environment = environment_of(run_, trial->timeline.cell.kernel);
    for (const Finding& finding : trial->verdict.findings)
      fresh[finding.kind] |= explain(finding, trial->timeline.cell, environment, known_) == nullptr;
  }
  std::vector<Mark> marks;
  for (const std::string& kind : kinds_) {
    const auto at = fresh.find(kind);
    if (at == fresh.end()) continue;
    const char letter = letters_.at(kind);
    marks.push_back(
        {std::string(1, at->second ? letter : small(letter)), at->second ? Ink::bad : Ink::known});
  }
  return marks;
}

std::vector<std::pair<std::string, char>> Marks::kinds() const {
  std::vector<std::pair<std::string, char>> all;
  for (const std::string& kind : kinds_)
    all.emplace_back(kind, letters_.at(kind));
  return all;
}

std::vector<std::string> Marks::legend() const {
  std::vector<std::string> entries;
  std::array<bool, 4> seen{};
  bool any_known = false;
  for (const TrialRecord& trial : run_.trials) {
    seen.at(static_cast<std::size_t>(trial.verdict.outcome)) = true;
    any_known |= all_known(trial, environment_of(run_, trial.timeline.cell.kernel), known_);
  }
  const auto has = [&](Outcome outcome) { return seen.at(static_cast<std::size_t>(outcome)); };
  if (has(Outcome::pass))
    entries.push_back(style_.paint(Ink::good, style_.utf8 ? "✓" : ".") + " pass");
  if (has(Outcome::inconclusive))
    entries.push_back(style_.paint(Ink::doubt, "?") + " inconclusive");
  if (has(Outcome::skip)) entries.push_back(style_.paint(Ink::faint, "-") + " skipped");
  for (const std::string& kind : kinds_)
    entries.push_back(style_.paint(Ink::bad, std::string(1, letters_.at(kind))) + " " +
                      shorten(kind, longest_kind));
  if (any_known) entries.push_back(style_.paint(Ink::known, "small letter") + ": known already");
  return entries;
}

}  // namespace daxbreak
