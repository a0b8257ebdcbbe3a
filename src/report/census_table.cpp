// SPDX-License-Identifier: GPL-2.0
#include "report/census_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "report/tally.h"
#include "report/text.h"

namespace daxbreak {
namespace {

constexpr std::size_t longest_state = 44;
constexpr std::size_t longest_kernel = 16;
constexpr std::size_t gap = 2;

using Counts = std::set<std::int32_t>;
using Cells = std::map<std::pair<std::string, std::string>, Counts>;  // state, kernel

std::string counts_text(const Cells& cells, const std::string& state, const std::string& kernel) {
  const auto at = cells.find({state, kernel});
  return at == cells.end() ? "" : fmt::format("{}", fmt::join(at->second, "/"));
}

std::string trimmed(std::string line) {
  const auto last = line.find_last_not_of(' ');
  line.erase(last == std::string::npos ? 0 : last + 1);
  return line + "\n";
}

}  // namespace

std::string format_census_table(const RunRecord& run, const Style& style) {
  std::vector<std::string> states;
  std::vector<std::string> kernels;
  Cells cells;
  for (const CensusRecord& census : run.censuses) {
    if (census.state.empty()) continue;
    if (std::find(states.begin(), states.end(), census.state) == states.end())
      states.push_back(census.state);
    for (const auto& [count, pages] : census.histogram)
      if (pages > 0) cells[{census.state, census.kernel}].insert(count);
  }
  if (states.empty()) return "";
  for (const std::string& kernel : kernels_of(run))
    if (std::any_of(states.begin(), states.end(), [&](const std::string& state) {
          return cells.contains({state, kernel});
        }))
      kernels.push_back(kernel);
  // Censuses may come without an environment.
  for (const CensusRecord& census : run.censuses)
    if (!census.state.empty() &&
        std::find(kernels.begin(), kernels.end(), census.kernel) == kernels.end())
      kernels.push_back(census.kernel);

  std::size_t label = text_width("state of the page");
  for (const std::string& state : states)
    label = std::max(label, text_width(shorten(state, longest_state)));
  std::size_t column = 6;
  for (const std::string& kernel : kernels) {
    column = std::max(column, text_width(shorten(kernel, longest_kernel)));
    column =
        std::max(column, text_width(shorten(environment_of(run, kernel).scheme, longest_kernel)));
    for (const std::string& state : states)
      column = std::max(column, text_width(counts_text(cells, state, kernel)));
  }
  const auto width = static_cast<std::size_t>(std::max(style.width, 0));
  const std::size_t across =
      std::max<std::size_t>(1, width > label ? (width - label) / (column + gap) : 0);

  std::string out;
  for (std::size_t first = 0; first < kernels.size(); first += across) {
    if (first > 0) out += "\n";
    const std::size_t end = std::min(kernels.size(), first + across);
    std::string names = pad("state of the page", label);
    std::string schemes(label, ' ');
    for (std::size_t i = first; i < end; ++i) {
      names += std::string(gap, ' ') + pad(shorten(kernels[i], longest_kernel), column);
      schemes += std::string(gap, ' ') +
                 pad(shorten(environment_of(run, kernels[i]).scheme, longest_kernel), column);
    }
    const std::string head = trimmed(names);
    out += style.paint(Ink::strong, head.substr(0, head.size() - 1)) + "\n";
    if (schemes.find_first_not_of(' ') != std::string::npos) out += trimmed(schemes);
    for (const std::string& state : states) {
      std::string line = pad(shorten(state, longest_state), label);
      for (std::size_t i = first; i < end; ++i) {
        const std::string counts = counts_text(cells, state, kernels[i]);
        line += std::string(gap, ' ') + pad(counts.empty() ? "-" : counts, column);
      }
      out += trimmed(line);
    }
  }
  return out;
}

std::string format_census_histograms(const RunRecord& run, const Style& style) {
  std::string out;
  for (const CensusRecord& census : run.censuses) {
    if (!census.state.empty()) continue;
    std::uint64_t pages = 0;
    std::vector<std::string> counts;
    for (const auto& [count, number] : census.histogram) {
      pages += number;
      counts.push_back(fmt::format("count {} x {}", count, number));
    }
    std::string line =
        fmt::format("{} {}: {}: {}", census.kernel, census.subject, plural(pages, "page"),
                    counts.empty() ? "none" : fmt::format("{}", fmt::join(counts, ", ")));
    const std::uint64_t astray = pages_astray(census);
    if (astray > 0) line += fmt::format(" <- {} NOT idle", astray);
    std::string text = wrap(line, style.width, "", "  ");
    text.pop_back();
    out += style.paint(astray > 0 ? Ink::bad : Ink::plain, text) + "\n";
  }
  return out;
}

}  // namespace daxbreak
