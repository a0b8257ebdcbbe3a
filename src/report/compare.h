// SPDX-License-Identifier: GPL-2.0
/// Runs compared with one of them, the base: verdicts cell by cell, latencies and rates. Pure.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "report/compare_interval.h"
#include "report/known.h"
#include "result/record.h"

namespace daxbreak {

/// A run and how its reader calls it.
struct ComparedRun {
  std::string name;  ///< the file
  RunRecord run;
  std::vector<std::string> notes;  ///< what is wrong with the file, in sentences
};

/// By what latencies of trials are put together; what is put together are cells of both sides.
enum class CompareBy { kernel, pin, cell };

/// What the command line asks for.
struct CompareOptions {
  CompareRules rules;
  CompareBy by = CompareBy::pin;
  std::string base_kernel;   ///< "" for every kernel, each with the one of its name
  std::string other_kernel;  ///< of the other runs
};

/// What became of one cell, or of one measurement's checks, on one side.
struct CellSide {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t inconclusive = 0;
  std::size_t skipped = 0;
  std::map<std::string, std::size_t> findings;  ///< kind -> trials with it
  bool flickers = false;  ///< a finding did not come back when the cell was run again alone
  std::string reason;     ///< why the first that proved nothing did not
  std::string sentence;   ///< the first finding's

  [[nodiscard]] std::size_t trials() const { return proven() + inconclusive + skipped; }
  [[nodiscard]] std::size_t proven() const { return passed + failed; }
};

/// A kind of finding that is intermittent on one side at least: chance has to be asked.
struct FlickeringKind {
  std::string kind;
  double p = 1;           ///< that chance alone makes such a difference
  bool testable = false;  ///< if not, what was seen is too little for any answer
  bool more = false;      ///< there is more of it on the other side
};

/// A cell on both sides.
struct CellChange {
  Cell cell;              ///< without its kernel; empty for measurements
  std::string name;       ///< Cell::id(), or the measurement's load, place and point
  bool measured = false;  ///< the checks of a storm or load, no cell
  CellSide base;
  CellSide other;
  std::vector<std::string> appeared;  ///< kinds of finding; certain ones
  std::vector<std::string> vanished;
  std::vector<FlickeringKind> flickering;
  std::string known;  ///< entry of known-findings that explains all that appeared; "" if none does

  Judgement judgement = Judgement::no_difference;
  std::string change;  ///< "pass -> lost-wakeup"; the same for all cells that changed alike
  std::string why;     ///< of can't tell
};

/// Pages of one namespace that were not idle when they had to be.
struct CensusChange {
  std::string subject;
  std::uint64_t base = 0;
  std::uint64_t other = 0;
  Judgement judgement = Judgement::no_difference;
};

/// A kernel of the base with one of the other run.
struct KernelComparison {
  Environment base;
  Environment other;
  std::vector<CellChange> cells;  ///< in the base's order
  std::vector<Cell> only_base;
  std::vector<Cell> only_other;
  std::vector<std::string> measures_only_base;
  std::vector<std::string> measures_only_other;
  std::vector<CensusChange> censuses;
  std::vector<Figure> figures;  ///< latencies of trials, then what storms and loads measured

  // Each is absent where there is nothing to compare.
  std::optional<Judgement> verdicts;
  std::optional<Judgement> latencies;
  std::optional<Judgement> rates;
};

/// One run against the base.
struct RunComparison {
  std::string base;  ///< names
  std::string other;
  std::string base_started;
  std::string other_started;
  std::vector<std::string> notes;
  std::vector<KernelComparison> kernels;
  std::vector<std::string> only_base;  ///< kernels
  std::vector<std::string> only_other;
  Judgement judgement = Judgement::cant_tell;
};

/// Everything `daxbreak compare` says.
struct Comparison {
  CompareRules rules;
  std::size_t tests = 0;  ///< intervals and tests made, of which each may miss more seldom for it
  std::vector<RunComparison> runs;
  bool compared = false;  ///< there was a line to compare at all
  Judgement judgement = Judgement::cant_tell;
};

/// How often each judgement was made.
using JudgementCounts = std::map<Judgement, std::size_t>;
[[nodiscard]] JudgementCounts count_cells(const KernelComparison& kernel);
[[nodiscard]] JudgementCounts count_figures(const KernelComparison& kernel, bool rates);

/// Compares each of `others` with the base. An Error, in one sentence, if it cannot be known which
/// kernels to compare.
[[nodiscard]] Result<Comparison> compare_runs(const ComparedRun& base,
                                              std::span<const ComparedRun> others,
                                              const CompareOptions& options,
                                              const std::vector<KnownFinding>& known);

}  // namespace daxbreak
