// SPDX-License-Identifier: GPL-2.0
#include "report/measure_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/units.h"

namespace daxbreak {

std::string figure_text(double value) {
  constexpr std::array<std::string_view, 4> suffixes{"", "k", "M", "G"};
  std::size_t step = 0;
  // What is rounded to the next step belongs to it: "1.00k", and no "1000".
  while (value >= 999.5 && step + 1 < suffixes.size()) {
    value /= 1000;
    ++step;
  }
  const int digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}", value, digits, suffixes[step]);
}

std::string latency_text(double ns) {
  return format_time(Nanos(static_cast<Nanos::rep>(std::llround(ns))));
}

std::string spread_text(const Spread& spread) {
  return spread.values < 2 ? "" : fmt::format(" +-{:.0f}%", spread.percent());
}

bool is_observer_cost(std::string_view name) {
  return name.starts_with("observer cost");
}

std::string number_text(std::string_view name, double value) {
  if (is_observer_cost(name)) return fmt::format("{:.1f}%", value);
  return value == std::round(value) ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

std::string range_text(std::string_view name, const Spread& spread) {
  return fmt::format(" ({} to {})", number_text(name, spread.least),
                     number_text(name, spread.most));
}

std::string line_text(const LinearFit& fit) {
  const double step = std::abs(fit.b);
  return fmt::format("{}{} {} {}", fit.a < 0 ? "-" : "", latency_text(std::abs(fit.a)),
                     fit.b < 0 ? "-" : "+",
                     step < 10 ? fmt::format("{:.2f} ns", step) : latency_text(step));
}

std::string quality_text(const LinearFit& fit) {
  return fmt::format("r2={:.3f}", fit.r2);
}

std::vector<std::string> objections_to(const MeasureRecord& record, const Environment& environment,
                                       const std::vector<KnownFinding>& known) {
  const Verdict& verdict = record.verdict;
  std::vector<std::string> sentences;
  for (const Finding& finding : verdict.findings) {
    const KnownFinding* const why = explain(finding, record, environment, known);
    sentences.push_back(fmt::format("{}: {}{}", finding.kind, finding.sentence,
                                    why == nullptr ? "" : fmt::format(" (known: {})", why->id)));
  }
  if (!verdict.reason.empty())
    sentences.push_back(fmt::format("{}: {}", name_of(verdict.outcome), verdict.reason));
  if (sentences.empty() && verdict.outcome != Outcome::pass)
    sentences.push_back(fmt::format("{}: no reason was given", name_of(verdict.outcome)));
  return sentences;
}

}  // namespace daxbreak
