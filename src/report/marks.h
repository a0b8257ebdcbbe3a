// SPDX-License-Identifier: GPL-2.0
/// One character for what became of a cell.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "report/known.h"
#include "report/style.h"
#include "report/tally.h"
#include "result/record.h"

namespace daxbreak {

/// A mark as it is printed, one column wide.
struct Mark {
  std::string text;  ///< UTF-8
  Ink ink = Ink::plain;
};

/// The letters of a run's kinds of finding. Each kind has its own: the usual one ("L" for
/// lost-wakeup) or, for kinds that this file does not know, a letter of its name that is free.
class Marks {
 public:
  Marks(const RunRecord& run, const std::vector<KnownFinding>& known, const Style& style);

  /// The mark for all trials of one cell together: the worst finding, else inconclusive, else
  /// pass, else skip; blank where there is none. A letter is small where every finding is known.
  [[nodiscard]] Mark of(const std::vector<const TrialRecord*>& trials) const;

  /// The letters of every kind of finding in these trials, the worst first.
  [[nodiscard]] std::vector<Mark> findings(const std::vector<const TrialRecord*>& trials) const;

  /// The kinds of finding that occur, the worst first, each with its (capital) letter.
  [[nodiscard]] std::vector<std::pair<std::string, char>> kinds() const;

  /// What the marks in use mean, one entry each, for a legend.
  [[nodiscard]] std::vector<std::string> legend() const;

 private:
  const RunRecord& run_;
  const std::vector<KnownFinding>& known_;
  Style style_;
  std::vector<std::string> kinds_;       // that occur, the worst first
  std::map<std::string, char> letters_;  // of these
};

/// The kinds in the order of how bad they are; unknown ones come before all others.
[[nodiscard]] int rank_of(const std::string& kind);

}  // namespace daxbreak
