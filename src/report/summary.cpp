// SPDX-License-Identifier: GPL-2.0
// format_counts() and format_report(): what stands around the matrix.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/findings.h"
#include "report/matrix.h"
#include "report/tally.h"
#include "report/text.h"

namespace daxbreak {
namespace {

/// Reasons with their counts, the commonest first.
std::string reasons(const std::map<std::string, std::size_t>& why, std::string_view what,
                    const Style& style) {
  std::vector<std::pair<std::string, std::size_t>> sorted(why.begin(), why.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& left, const auto& right) { return left.second > right.second; });
  std::string out;
  for (const auto& [reason, count] : sorted) {
    const std::string first = fmt::format("{:>7} {}: ", count, what);
    out += wrap(reason, style.width, first, std::string(first.size(), ' '));
  }
  return out;
}

/// What a reader must know before believing the table.
std::string caveats(const RunRecord& run, const Style& style) {
  std::string out;
  bool emulated = false;
  const auto say = [&](const std::string& text) { out += wrap(text, style.width, "", "  "); };
  for (const Environment& environment : run.environments) {
    emulated |= environment.accelerator == "tcg";
    if (!environment.observer.empty() && tally_of(run, {}, environment.kernel).all() > 0)
      say(fmt::format("{}: the observer does not run ({}); no trial of this kernel can pass.",
                      environment.kernel, environment.observer));
    if (!environment.observer_missing.empty())
      say(fmt::format("{}: could not be probed: {}.", environment.kernel,
                      enumerate(environment.observer_missing)));
  }
  for (const std::string& kernel : kernels_of(run))
    if (tally_of(run, {}, kernel).ran() == 0 &&
        std::none_of(run.measures.begin(), run.measures.end(),
                     [&](const MeasureRecord& one) { return one.kernel == kernel; }))
      say(fmt::format("{}: no trial ran.", kernel_title(environment_of(run, kernel), kernel)));
  if (emulated) say("Timings under tcg are those of software emulation.");
  return out;
}

/// How the cells were chosen, where they are not simply all of them.
std::string chosen(const PlanRecord& plan, const Style& style) {
  std::string out;
  for (const CoverRecord& cover : plan.covers)
    out += wrap(fmt::format("{}: pairwise, seed {}: {} cells cover {} pairs.", cover.job,
                            cover.seed, thousands(cover.cells), thousands(cover.pairs)),
                style.width, "", "  ");
  if (plan.shards.size() < plan.of) {
    std::vector<std::string> numbers;
    for (const unsigned shard : plan.shards)
      numbers.push_back(std::to_string(shard));
    out += wrap(fmt::format("Only {} {} of {} was run: the whole plan has {} cells.",
                            numbers.size() == 1 ? "shard" : "shards", enumerate(numbers), plan.of,
                            thousands(plan.cells)),
                style.width, "", "  ");
  }
  return out;
}

std::string astray(const RunRecord& run, const Style& style) {
  std::string out;
  for (const CensusRecord& census : run.censuses) {
    const std::uint64_t pages = pages_astray(census);
    if (pages == 0) continue;
    const auto name = kernel_title(environment_of(run, census.kernel), census.kernel);
    std::string counts;
    for (const auto& [count, number] : census.histogram)
      counts += fmt::format("{}count {} x {}", counts.empty() ? "" : ", ", count, number);
    out += wrap(fmt::format("{}: {} of {} not idle: {}.", name, plural(pages, "page"),
                            census.subject.empty() ? "a census" : census.subject, counts),
                style.width, "", "  ");
  }
  return out;
}

std::string time_spent(const RunRecord& run, const Style& style) {
  if (run.seconds <= 0 && run.phases.empty()) return "";
  std::vector<std::pair<std::string, double>> phases(run.phases.begin(), run.phases.end());
  std::stable_sort(phases.begin(), phases.end(),
                   [](const auto& left, const auto& right) { return left.second > right.second; });
  std::string text;
  for (const auto& [name, seconds] : phases)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, format_span(seconds));
  if (run.seconds > 0)
    text = format_span(run.seconds) + (text.empty() ? "" : " in all; the machines spent: ") + text;
  return wrap(text, style.width, "Time: ", "      ");
}

std::string section(const Style& style, std::string_view title, const std::string& text) {
  return text.empty() ? "" : "\n" + style.paint(Ink::strong, title) + "\n" + text;
}

/// How the measurements ended; "" if none was asked for.
std::string measured(const RunRecord& run, const Style& style) {
  if (run.measures.empty()) return "";
  std::map<Outcome, std::size_t> of;
  std::map<std::string, std::size_t> why;
  for (const MeasureRecord& record : run.measures) {
    ++of[record.verdict.outcome];
    if (record.verdict.outcome == Outcome::inconclusive) ++why[record.verdict.reason];
  }
  const auto part = [&](Outcome outcome, Ink ink, std::string_view word) {
    return style.paint(of[outcome] > 0 ? ink : Ink::plain, fmt::format("{} {}", of[outcome], word));
  };
  return fmt::format("{}: {}, {}, {}, {}\n", plural(run.measures.size(), "measurement"),
                     part(Outcome::pass, Ink::good, "passed"),
                     part(Outcome::fail, Ink::bad, "failed"),
                     part(Outcome::inconclusive, Ink::doubt, "inconclusive"),
                     part(Outcome::skip, Ink::plain, "skipped")) +
         reasons(why, "inconclusive", style);
}

}  // namespace

std::string format_counts(const RunRecord& run, const std::vector<KnownFinding>& known,
                          const Style& style) {
  const Tally tally = tally_of(run, known);
  const std::string measures = measured(run, style);
  if (tally.all() == 0)
    return measures.empty() ? style.paint(Ink::bad, "No trial was run.") + "\n" : measures;
  std::string failed = fmt::format("{} failed", tally.failed);
  Ink ink = Ink::plain;
  if (tally.failed > 0) {
    const std::size_t fresh = tally.failed - tally.known;
    failed += fresh == 0         ? " (all known)"
              : tally.known == 0 ? " (none of them known)"
                                 : fmt::format(" ({} known, {} new)", tally.known, fresh);
    ink = fresh == 0 ? Ink::known : Ink::bad;
  }
  std::string out = fmt::format("{}: {}, {}, {}, {}\n", plural(tally.all(), "trial"),
                                style.paint(tally.passed > 0 ? Ink::good : Ink::plain,
                                            fmt::format("{} passed", tally.passed)),
                                style.paint(ink, failed),
                                style.paint(tally.inconclusive > 0 ? Ink::doubt : Ink::plain,
                                            fmt::format("{} inconclusive", tally.inconclusive)),
                                fmt::format("{} skipped", tally.skipped));
  if (tally.inconclusive > 0)
    out += wrap(fmt::format("{}{} proved nothing, neither good nor bad:",
                            plural(tally.inconclusive, "trial"),
                            tally.inconclusive == tally.ran() ? ", ALL that ran," : ""),
                style.width, "", "  ");
  return out + reasons(tally.why_inconclusive, "inconclusive", style) +
         reasons(tally.why_skipped, "skipped", style) + measures;
}

std::string format_report(const RunRecord& run, const std::vector<KnownFinding>& known,
                          const Style& style) {
  std::string out = format_matrix(run, known, style);
  std::string findings = format_findings(run, known, style);
  if (!findings.empty())
    findings = wrap(
                   "Cells are written filesystem/page+memory/pin@gate/breaker:range/disturber, "
                   "without what is usual; * is every one that ran.",
                   style.width, "", "") +
               "\n" + findings;
  out += section(style, "Findings", findings);
  out += section(style, "Pages not at rest", astray(run, style));
  out += section(style, "Incidents", format_incidents(run, style));
  out += section(style, "Counts",
                 format_counts(run, known, style) + chosen(run.plan, style) + caveats(run, style) +
                     time_spent(run, style));
  if (out.starts_with('\n')) out.erase(0, 1);
  return out;
}

}  // namespace daxbreak
