// SPDX-License-Identifier: GPL-2.0
/// How far a run is: one line that is redrawn on a terminal, a line now and then elsewhere.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "oracle/verdict.h"
#include "report/style.h"

namespace daxbreak {

/// One kernel's share of a run.
struct KernelProgress {
  std::string kernel;
  std::string phase;  ///< "fetching", "booting"; "" while trials run
  std::size_t total = 0;
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t inconclusive = 0;
  std::size_t skipped = 0;

  [[nodiscard]] std::size_t done() const { return passed + failed + inconclusive + skipped; }
  void count(Outcome outcome);
};

/// Everything that is under way.
struct ProgressState {
  std::vector<KernelProgress> kernels;
  double elapsed = 0;  ///< seconds since the run began
  double testing = 0;  ///< seconds since the first trial began; 0 before

  [[nodiscard]] std::size_t total() const;
  [[nodiscard]] std::size_t done() const;
  [[nodiscard]] std::size_t failed() const;
};

/// Seconds that the rest will take if it goes on as it went; nothing while too little is known.
[[nodiscard]] std::optional<double> seconds_left(const ProgressState& state);

/// "6.1 143/216 ok 120 fail 20 ? 1 - 2 | 7.2 booting | 2m10s left", with less detail where it would
/// not fit in the style's width. No newline.
[[nodiscard]] std::string progress_line(const ProgressState& state, const Style& style);

/// Decides when to say something, and how. Not thread-safe.
class Progress {
 public:
  using Write = std::function<void(std::string_view)>;

  /// `terminal`: lines may be redrawn. `write` gets text as it is to appear, unbuffered.
  Progress(Style style, bool terminal, Write write);

  /// Something has changed, or time has passed. `now` is any clock in seconds. Redraws at most four
  /// times a second; without a terminal, prints once in 30 seconds or 25 trials.
  void update(const ProgressState& state, double now);

  /// A sentence that is to stay: over the status line, or as a line of its own.
  void note(std::string_view sentence);

  /// A trial's verdict. The first of a run is always printed, as soon as it is there; later ones
  /// only show in the counts.
  void verdict(std::string_view kernel, std::string_view cell, const Verdict& verdict,
               double elapsed);

  /// Takes the status line away.
  void finish();

 private:
  Style style_;
  bool terminal_;
  Write write_;
  std::string shown_;
  bool first_verdict_ = true;
  std::optional<double> last_at_;
  std::size_t last_done_ = 0;
};

}  // namespace daxbreak
