// SPDX-License-Identifier: GPL-2.0
#include "report/axis_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "report/cells.h"
#include "report/tally.h"
#include "report/text.h"

namespace daxbreak {
namespace {

using Trials = std::vector<const TrialRecord*>;

constexpr std::size_t rows_to_read = 100;
constexpr std::size_t longest_label = 26;
constexpr std::size_t gap = 3;
constexpr std::size_t most_letters = 8;
constexpr std::array columns = {std::pair{Outcome::pass, "pass"}, std::pair{Outcome::fail, "fail"},
                                std::pair{Outcome::inconclusive, "?"},
                                std::pair{Outcome::skip, "skip"}};
constexpr std::size_t number_width = 5;  // of each count, with the blank before it

/// The trials of each value of an axis, on each kernel.
struct AxisRows {
  std::vector<std::string> values;  // in the order of the plan
  std::map<std::string, std::map<std::string, Trials>> trials;
};

Trials in_plan_order(const RunRecord& run) {
  Trials ordered;
  for (const TrialRecord& trial : run.trials)
    ordered.push_back(&trial);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto* left, const auto* right) { return left->index < right->index; });
  return ordered;
}

AxisRows rows_of(const Trials& ordered, const CellAxis& axis) {
  AxisRows rows;
  for (const TrialRecord* trial : ordered) {
    const std::string value = axis.value(trial->timeline.cell);
    if (!rows.trials.contains(value)) rows.values.push_back(value);
    rows.trials[value][trial->timeline.cell.kernel].push_back(trial);
  }
  // Many values are looked up, not compared: by name. Few keep their order, which means something.
  if (rows.values.size() > 6) std::sort(rows.values.begin(), rows.values.end());
  return rows;
}

/// One kernel's columns of a row.
std::string counts_of(const Trials& trials, const Marks& marks, const Style& style,
                      std::size_t letters_width) {
  std::string out;
  for (const auto& [outcome, name] : columns) {
    const auto count = std::count_if(
        trials.begin(), trials.end(),
        [wanted = outcome](const auto* trial) { return trial->verdict.outcome == wanted; });
    out += count == 0 ? std::string(number_width, ' ') : fmt::format("{:>{}}", count, number_width);
  }
  out += "  ";
  const std::vector<Mark> found = marks.findings(trials);
  const std::size_t shown = std::min(found.size(), letters_width);
  for (std::size_t i = 0; i < shown; ++i)
    out += style.paint(found[i].ink, found[i].text);
  return out + std::string(letters_width - shown, ' ');
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

bool is_sparse(const RunRecord& run) {
  std::set<std::string> pins;
  std::set<std::string> breakers;
  std::set<std::string> disturbers;
  std::set<std::string> places;
  std::set<std::array<std::string, 3>> rows;
  std::set<std::array<std::string, 4>> cells;
  for (const TrialRecord& trial : run.trials) {
    const Cell& cell = trial.timeline.cell;
    const std::string pin = cell.memory + " " + pin_label(cell);
    const std::string breaker = breaker_label(cell);
    const std::string place = fmt::format("{} {}", cell.filesystem, cell.page_size);
    pins.insert(pin);
    breakers.insert(breaker);
    disturbers.insert(cell.disturber);
    places.insert(place);
    rows.insert({pin, breaker, cell.disturber});
    cells.insert({pin, breaker, cell.disturber, place});
  }
  const std::size_t all = pins.size() * breakers.size() * disturbers.size() * places.size();
  return rows.size() > rows_to_read && cells.size() * 10 < all * 3;
}

std::string format_axis_tables(const RunRecord& run, const Marks& marks, const Style& style) {
  const Trials ordered = in_plan_order(run);
  std::vector<std::pair<const CellAxis*, AxisRows>> tables;
  std::size_t label_width = 0;
  for (const CellAxis& axis : cell_axes()) {
    AxisRows rows = rows_of(ordered, axis);
    if (rows.values.size() < 2) continue;
    for (const std::string& value : rows.values)
      label_width = std::max(label_width, text_width(shorten(value, longest_label)) + 2);
    label_width = std::max(label_width, axis.name.size());
    tables.emplace_back(&axis, std::move(rows));
  }
  std::vector<std::string> kernels;
  std::size_t letters_width = 0;
  for (const std::string& kernel : kernels_of(run)) {
    const bool spoke = !environment_of(run, kernel).kernel.empty();
    Trials own;
    std::copy_if(ordered.begin(), ordered.end(), std::back_inserter(own),
                 [&](const auto* trial) { return trial->timeline.cell.kernel == kernel; });
    if (own.empty() && !spoke) continue;
    kernels.push_back(kernel);
    letters_width = std::max(letters_width, std::min(most_letters, marks.findings(own).size()));
  }
  const std::size_t kernel_width = columns.size() * number_width + 2 + letters_width;
  const auto width = static_cast<std::size_t>(std::max(style.width, 0));
  const std::size_t room = width > label_width ? width - label_width : 0;
  const std::size_t across = std::max<std::size_t>(1, room / (kernel_width + gap));

  std::string out;
  for (std::size_t first = 0; first < kernels.size(); first += across) {
    const std::size_t end = std::min(kernels.size(), first + across);
    std::string titles(label_width, ' ');
    std::string heads(label_width, ' ');
    for (std::size_t at = first; at < end; ++at) {
      const Environment& environment = environment_of(run, kernels[at]);
      // The scheme is what tells kernels apart here; the version is in the findings below.
      std::string title = kernels[at];
      if (!environment.scheme.empty()) title += " " + environment.scheme;
      title = shorten(title, kernel_width);
      titles += std::string(gap, ' ') + style.paint(Ink::strong, title) +
                std::string(kernel_width - text_width(title), ' ');
      std::string head;
      for (const auto& [outcome, name] : columns)
        head += fmt::format("{:>{}}", name, number_width);
      heads += std::string(gap, ' ') + pad(head, kernel_width);
    }
    out += trimmed(titles) + trimmed(heads);
    for (const auto& [axis, rows] : tables) {
      out += "\n" + style.paint(Ink::strong, axis->name) + "\n";
      for (const std::string& value : rows.values) {
        std::string line = pad("  " + shorten(value, longest_label), label_width);
        for (std::size_t at = first; at < end; ++at) {
          const auto& of_value = rows.trials.at(value);
          const auto found = of_value.find(kernels[at]);
          line +=
              std::string(gap, ' ') + counts_of(found == of_value.end() ? Trials{} : found->second,
                                                marks, style, letters_width);
        }
        out += trimmed(line);
      }
    }
    out += "\n";
  }
  return out;
}

}  // namespace daxbreak
