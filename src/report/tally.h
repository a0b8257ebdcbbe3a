// SPDX-License-Identifier: GPL-2.0
/// Counting over a run, and what the counts mean for the exit status.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "report/known.h"
#include "result/record.h"

namespace daxbreak {

/// How the trials ended. `failed` includes `known`.
struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t known = 0;  ///< failed, and every finding is explained by known-findings
  std::size_t inconclusive = 0;
  std::size_t skipped = 0;
  std::map<std::string, std::size_t> why_inconclusive;  ///< reason -> trials
  std::map<std::string, std::size_t> why_skipped;

  [[nodiscard]] std::size_t ran() const { return passed + failed + inconclusive; }
  [[nodiscard]] std::size_t all() const { return ran() + skipped; }
};

/// The counts of one kernel's trials, or of all where `kernel` is "".
[[nodiscard]] Tally tally_of(const RunRecord& run, const std::vector<KnownFinding>& known,
                             const std::string& kernel = "");

/// Every kernel that the run knows of (environments first, then trials, then incidents), in order.
[[nodiscard]] std::vector<std::string> kernels_of(const RunRecord& run);

/// The environment of a kernel; an empty one if it never said what it is.
[[nodiscard]] const Environment& environment_of(const RunRecord& run, const std::string& kernel);

/// "6.1 (6.1.192-2, fsdax-one)": how sentences call a kernel.
[[nodiscard]] std::string kernel_title(const Environment& environment, const std::string& kernel);

/// Pages of a census that was to find every page idle, and did not: 0 where all is well. Where the
/// record does not say which count is idle, every page that differs from the majority.
[[nodiscard]] std::uint64_t pages_astray(const CensusRecord& census);

/// What the user takes for a success.
enum class Expect {
  pass,   ///< no finding
  known,  ///< no finding but those that known-findings explains
};

/// The status of `daxbreak run`, `matrix` and `report`.
namespace exit_status {
inline constexpr int pass = 0;
inline constexpr int findings = 1;
inline constexpr int usage = 2;
inline constexpr int could_not_run = 3;
}  // namespace exit_status

/// 1 if there is a finding (a census with pages astray is one) that `expect` does not excuse; else
/// 3 if nothing ran at all, or one of the kernels gave no trial that ran; else 0. Skips and
/// inconclusive trials do not fail a run, the report says them aloud.
[[nodiscard]] int exit_status_of(const RunRecord& run, const std::vector<KnownFinding>& known,
                                 Expect expect);

}  // namespace daxbreak
