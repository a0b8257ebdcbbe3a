// SPDX-License-Identifier: GPL-2.0
/// What a trial proved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daxbreak {

/// A broken invariant. `kind` is one of the names that `list findings` shows.
struct Finding {
  std::string kind;                   ///< "lost-wakeup"
  std::string sentence;               ///< one plain sentence with this trial's numbers
  std::vector<std::string> evidence;  ///< the events that prove it, one line each
};

enum class Outcome { pass, fail, skip, inconclusive };

/// "pass", "fail", "skip", "inconclusive".
[[nodiscard]] std::string_view name_of(Outcome outcome);

/// What the trial measured; absent where it did not get that far. Nanoseconds.
struct Measures {
  std::optional<std::int64_t> break_ns;        ///< inside the breaker's system call
  std::optional<std::int64_t> blocked_ns;      ///< from falling asleep to the release
  std::optional<std::int64_t> wake_ns;         ///< from the release's begin to the breaker's return
  std::optional<std::int64_t> put_to_wake_ns;  ///< from wake_up_var() to the waiter running
  std::optional<std::int64_t> scans;           ///< how often the kernel scanned (a count)
};

/// The judgement of one trial.
struct Verdict {
  Outcome outcome = Outcome::inconclusive;
  std::string reason;  ///< why skipped or inconclusive; "" otherwise
  std::vector<Finding> findings;
  Measures measures;
};

/// One kind of finding, for `list findings` and the explanations under a report's matrix.
struct FindingKind {
  std::string_view name;
  std::string_view invariant;  ///< which invariant it breaks: "exclusion"
  std::string_view meaning;    ///< one sentence
};

/// Every kind of finding an oracle can report, the machine-level ones (panic, wedge) included.
[[nodiscard]] const std::vector<FindingKind>& finding_kinds();

}  // namespace daxbreak
