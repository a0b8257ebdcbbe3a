// SPDX-License-Identifier: GPL-2.0
#include "oracle/suspect.h"

#include <algorithm>
#include <set>
#include <utility>

namespace daxbreak {
namespace {

bool must_come_back(const Finding& finding, bool shared_machine) {
  static const std::set<std::string_view> kinds{"stuck", "unkillable", "spin", "hang",
                                                "scheme-mismatch"};
  return kinds.contains(finding.kind) || (shared_machine && finding.kind == "kernel-warning");
}

/// Takes out of `verdict` what must come back and is not in the other attempt's.
void drop_unconfirmed(Verdict& verdict, const Verdict& other, bool shared_machine) {
  std::erase_if(verdict.findings, [&](const Finding& finding) {
    return must_come_back(finding, shared_machine) && !has_kind(other, finding.kind);
  });
}

}  // namespace

bool has_kind(const Verdict& verdict, std::string_view kind) {
  return std::any_of(verdict.findings.begin(), verdict.findings.end(),
                     [&](const Finding& finding) { return finding.kind == kind; });
}

Settled settle(Verdict first, Verdict second, bool shared_machine) {
  const bool again =
      std::any_of(first.findings.begin(), first.findings.end(),
                  [&](const Finding& finding) { return has_kind(second, finding.kind); });
  const Verdict of_first = first;
  drop_unconfirmed(first, second, shared_machine);
  drop_unconfirmed(second, of_first, shared_machine);
  if (again) {
    for (Finding& finding : first.findings)
      if (!has_kind(second, finding.kind)) second.findings.push_back(std::move(finding));
    return {.verdict = std::move(second), .of_second = true, .came_back = 2};
  }
  if (!first.findings.empty()) return {.verdict = std::move(first), .came_back = 1};
  if (!second.findings.empty())
    return {.verdict = std::move(second), .of_second = true, .came_back = 1};
  second.outcome = Outcome::inconclusive;
  second.reason = of_first.findings.front().kind + " did not come back with a longer deadline";
  return {.verdict = std::move(second), .of_second = true};
}

}  // namespace daxbreak
