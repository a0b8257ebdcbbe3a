// SPDX-License-Identifier: GPL-2.0
#include "report/compare_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "base/units.h"
#include "report/cells.h"
#include "report/measure_text.h"
#include "report/tally.h"

namespace daxbreak {
namespace {

std::string percent(double share) {
  const double value = share * 100;
  const bool small = std::abs(value) < 99.95;
  // No "-0.0 %".
  return fmt::format("{:+.{}f} %", std::abs(value) < 0.05 ? 0.0 : value, small ? 1 : 0);
}

std::string per_second(double value) {
  return figure_text(value) + "/s";
}

constexpr std::array order{Judgement::worse, Judgement::better, Judgement::cant_tell,
                           Judgement::no_difference};

std::size_t place_of(Judgement judgement) {
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), judgement) - order.begin());
}

/// Distances of the first findings are a trial's; the words around them are everybody's.
const std::string& sentence_of(const CellChange& change) {
  return change.judgement == Judgement::better || change.other.sentence.empty()
             ? change.base.sentence
             : change.other.sentence;
}

}  // namespace

std::string figure_value(const Figure& figure, double value) {
  if (!(value > 0)) return "-";
  switch (figure.unit) {
    case FigureUnit::nanoseconds:
      return format_time(Nanos(std::llround(value)));
    case FigureUnit::per_second:
      return per_second(value);
    case FigureUnit::plain:
      break;
  }
  return fmt::format("{:.3g}", value);
}

std::string figure_change(const Figure& figure) {
  return figure.base.empty() || figure.other.empty() ? "" : percent(figure.change());
}

std::string figure_interval(const Figure& figure) {
  return figure.has_interval ? percent(figure.low) + " to " + percent(figure.high) : "";
}

std::string figure_ground(const Figure& figure) {
  std::string ground =
      fmt::format("{} and {} repetitions", figure.base.size(), figure.other.size());
  if (figure.base.size() == 1 && figure.other.size() == 1) ground = "1 repetition each";
  if (figure.cells > 0)
    ground += fmt::format(" of {} cell{}", figure.cells, figure.cells == 1 ? "" : "s");
  return ground;
}

std::string pair_title(const KernelComparison& kernel) {
  const std::string base = kernel_title(kernel.base, kernel.base.kernel);
  const std::string other = kernel_title(kernel.other, kernel.other.kernel);
  return base == other ? base : base + " -> " + other;
}

std::string emulation_note(const KernelComparison& kernel) {
  return kernel.base.accelerator == "tcg" || kernel.other.accelerator == "tcg"
             ? "tcg: timings under software emulation"
             : "";
}

std::vector<ChangedCells> changed_cells(const KernelComparison& kernel) {
  using Key = std::tuple<Judgement, std::string, std::string, std::string>;
  std::vector<std::pair<Key, std::vector<const CellChange*>>> groups;
  std::vector<Cell> universe;
  for (const CellChange& change : kernel.cells) {
    if (!change.measured) universe.push_back(change.cell);
    if (change.judgement == Judgement::no_difference) continue;
    const Key key{change.judgement, change.change, change.why, change.known};
    auto at = std::find_if(groups.begin(), groups.end(),
                           [&](const auto& group) { return group.first == key; });
    if (at == groups.end()) at = groups.insert(groups.end(), {key, {}});
    at->second.push_back(&change);
  }
  std::vector<ChangedCells> all;
  for (const auto& [key, changes] : groups) {
    ChangedCells one{.judgement = std::get<0>(key),
                     .change = std::get<1>(key),
                     .why = std::get<2>(key),
                     .known = std::get<3>(key),
                     .cells = changes.size()};
    std::vector<Cell> cells;
    std::vector<std::string> measured;
    for (const CellChange* change : changes) {
      if (one.sentence.empty()) one.sentence = sentence_of(*change);
      if (change->measured)
        measured.push_back(change->name);
      else
        cells.push_back(change->cell);
    }
    if (!cells.empty()) one.patterns = describe_cells(cells, universe);
    one.patterns.insert(one.patterns.end(), measured.begin(), measured.end());
    all.push_back(std::move(one));
  }
  std::stable_sort(all.begin(), all.end(), [](const ChangedCells& a, const ChangedCells& b) {
    return std::pair(place_of(a.judgement), b.cells) < std::pair(place_of(b.judgement), a.cells);
  });
  return all;
}

std::string counts_in_words(const JudgementCounts& counts) {
  std::vector<std::string> parts;
  for (const Judgement judgement : order)
    if (const auto at = counts.find(judgement); at != counts.end() && at->second > 0)
      parts.push_back(fmt::format("{} {}", at->second, name_of(judgement)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string unchanged_in_words(const KernelComparison& kernel) {
  std::size_t pass = 0;
  std::size_t fail = 0;
  std::size_t nothing = 0;
  for (const CellChange& change : kernel.cells) {
    if (change.judgement != Judgement::no_difference) continue;
    if (change.other.proven() == 0)
      ++nothing;
    else
      ++(change.other.failed > 0 ? fail : pass);
  }
  std::vector<std::string> parts;
  if (pass > 0) parts.push_back(fmt::format("{} pass", pass));
  if (fail > 0) parts.push_back(fmt::format("{} fail as before", fail));
  if (nothing > 0) parts.push_back(fmt::format("{} prove nothing either time", nothing));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string rules_in_words(const Comparison& comparison) {
  const CompareRules& rules = comparison.rules;
  if (comparison.tests == 0) return "";
  return fmt::format(
      "Values are geometric means of the repetitions' medians. All {} interval{} and tests hold at "
      "once with {:g} % (Student's t, Bonferroni). Changes up to {:g} % make no difference.",
      comparison.tests, comparison.tests == 1 ? "" : "s", rules.confidence * 100,
      rules.threshold * 100);
}

}  // namespace daxbreak
