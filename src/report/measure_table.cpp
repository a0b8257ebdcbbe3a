// SPDX-License-Identifier: GPL-2.0
#include "report/measure_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/units.h"
#include "report/measure_text.h"
#include "report/tally.h"
#include "report/text.h"
#include "result/fit.h"

namespace daxbreak {
namespace {

/// What the observer's cost must stay under, percent.
constexpr double cost_limit = 5;

/// Said of the observer's cost only where all repetitions say so: it is a difference of two noisy
/// rates.
std::string_view judgement(const MeasureGroup& group, const Spread& cost) {
  if (cost.median < cost_limit) return "";
  if (group.repetitions.size() < 2) return ", by one repetition";
  return cost.least >= cost_limit ? ", which is too much" : ", which may be too much";
}

std::string title(const MeasureGroup& group, const RunRecord& run) {
  const MeasureRecord& record = group.first();
  const Environment& environment = environment_of(run, record.kernel);
  std::string text = fmt::format("{} {} {} {} [{}]", record.kernel, record.filesystem,
                                 format_size(record.page_size), record.load, record.job);
  for (const auto& [key, value] : record.point)
    text += fmt::format(" {}={}", key, value);
  text += fmt::format(": {}", plural(group.repetitions.size(), "repetition"));
  std::string where = environment.scheme;
  if (record.engine != "daxbreak") where += (where.empty() ? "" : ", ") + record.engine;
  if (!environment.clock_source.empty())
    where += fmt::format(", clock source {}", environment.clock_source);
  if (environment.accelerator == "tcg") where += " (tcg: timings under software emulation)";
  return where.empty() ? text : text + ", " + where;
}

/// The names of all series that have figures, in the order in which they first come.
std::vector<std::pair<std::string, Direction>> series_of(const MeasureGroup& group) {
  std::vector<std::pair<std::string, Direction>> names;
  for (const MeasureRecord* record : group.repetitions) {
    if (record->verdict.outcome == Outcome::fail) continue;
    for (const MeasuredSeries& series : record->series)
      if (std::none_of(names.begin(), names.end(),
                       [&](const auto& known) { return known.first == series.name; }))
        names.emplace_back(series.name, series.direction);
  }
  return names;
}

std::string series_lines(const MeasureGroup& group) {
  const auto names = series_of(group);
  std::size_t width = 0;
  for (const auto& [name, direction] : names)
    width = std::max(width, text_width(name));
  std::string out;
  for (const auto& [name, direction] : names) {
    const Spread middle = latency_of(group, name, 50);
    if (middle.median == 0 && rate_of(group, name).median == 0) {
      out += fmt::format("  {}: none\n", pad(name, width));
      continue;
    }
    out += fmt::format("  {}: ", pad(name, width));
    const Spread rate = rate_of(group, name);
    out += pad(fmt::format("{}={}/s{}", direction == Direction::none ? "rate" : "IOPS",
                           figure_text(rate.median), spread_text(rate)),
               20);
    out += fmt::format("  p50={}{}  p99={}  p99.9={}\n", latency_text(middle.median),
                       spread_text(middle), latency_text(latency_of(group, name, 99).median),
                       latency_text(latency_of(group, name, 99.9).median));
  }
  return out;
}

std::string number_lines(const MeasureGroup& group) {
  std::set<std::string> names;
  for (const MeasureRecord* record : group.repetitions)
    for (const auto& [name, value] : record->numbers)
      names.insert(name);
  std::string out;
  for (const std::string& name : names) {
    const auto spread = number_of(group, name);
    if (!spread) continue;
    out += fmt::format("{}{}={}", out.empty() ? "" : "; ", name, number_text(name, spread->median));
    if (is_observer_cost(name))
      out += fmt::format("{}{}", range_text(name, *spread), judgement(group, *spread));
  }
  return out;
}

std::string verdict_lines(const MeasureGroup& group, const Environment& environment,
                          const std::vector<KnownFinding>& known, const Style& style) {
  std::map<std::string, std::size_t> sentences;
  std::size_t passed = 0;
  for (const MeasureRecord* record : group.repetitions) {
    if (record->verdict.outcome == Outcome::pass) ++passed;
    for (const std::string& sentence : objections_to(*record, environment, known))
      ++sentences[sentence];
  }
  if (passed == group.repetitions.size()) return "";
  std::string out;
  for (const auto& [sentence, count] : sentences)
    out += style.paint(
        Ink::bad,
        wrap(sentence, style.width, count > 1 ? fmt::format("  {} times ", count) : "  ", "    "));
  return out;
}

std::string curve_line(const Curve& curve, const Style& style) {
  const MeasureRecord& record = *curve.example;
  std::string point;
  for (const auto& [key, value] : record.point)
    if (key != curve.key) point += fmt::format(" {}={}", key, value);
  std::string text =
      fmt::format("{} {} {} {} [{}]{}: a {} costs ", record.kernel, record.filesystem,
                  format_size(record.page_size), record.load, record.job, point, curve.series);
  if (!curve.fit) return wrap(text + "no line", style.width, "  ", "    ");
  const LinearFit& fit = *curve.fit;
  text +=
      fmt::format("{} for each {} ({}, {} to {})", line_text(fit), curve.unit, quality_text(fit),
                  figure_text(curve.points.front().first), figure_text(curve.points.back().first));
  return wrap(text, style.width, "  ", "    ");
}

}  // namespace

std::string format_measures(const RunRecord& run, const std::vector<KnownFinding>& known,
                            const Style& style) {
  const auto groups = measure_groups(run.measures);
  if (groups.empty()) return "";
  std::string out;
  for (const MeasureGroup& group : groups) {
    out += style.paint(Ink::strong, title(group, run)) + "\n";
    out += series_lines(group);
    if (const std::string numbers = number_lines(group); !numbers.empty())
      out += wrap(numbers, style.width, "  ", "    ");
    out += verdict_lines(group, environment_of(run, group.first().kernel), known, style);
  }
  const auto curves = curves_of(groups, "break");
  if (!curves.empty()) out += "\nLines through the sweeps (medians):\n";
  for (const Curve& curve : curves)
    out += curve_line(curve, style);
  return out;
}

}  // namespace daxbreak
