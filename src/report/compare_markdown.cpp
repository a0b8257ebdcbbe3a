// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/compare_formats.h"
#include "report/compare_words.h"
#include "report/markdown_table.h"
#include "report/text.h"

namespace daxbreak {
namespace {

constexpr std::size_t most_patterns = 4;

std::string word(const std::optional<Judgement>& judgement) {
  if (!judgement) return "-";
  const bool bold = *judgement == Judgement::worse || *judgement == Judgement::better;
  return bold ? fmt::format("**{}**", name_of(*judgement)) : std::string(name_of(*judgement));
}

std::string cells_table(const KernelComparison& kernel) {
  const auto groups = changed_cells(kernel);
  if (groups.empty()) return "";
  std::string out = "| | cells | change | which |\n|---|--:|---|---|\n";
  for (const ChangedCells& group : groups) {
    std::vector<std::string> which;
    for (std::size_t at = 0; at < std::min(group.patterns.size(), most_patterns); ++at)
      which.push_back("`" + in_cell(group.patterns[at]) + "`");
    if (group.patterns.size() > most_patterns)
      which.push_back(fmt::format("and {} more", group.patterns.size() - most_patterns));
    std::string change = in_cell(group.change);
    if (!group.why.empty()) change += "; " + in_cell(group.why);
    if (!group.known.empty()) change += "; known: " + in_cell(group.known);
    out += fmt::format("| {} | {} | {} | {} |\n", word(group.judgement), group.cells, change,
                       fmt::join(which, "<br>"));
  }
  return out + "\n";
}

std::string figures_table(const KernelComparison& kernel) {
  if (kernel.figures.empty()) return "";
  std::string out =
      "| | what | of | base | new | change | interval | ground |\n"
      "|---|---|---|--:|--:|--:|---|---|\n";
  for (const Figure& figure : kernel.figures)
    out += fmt::format(
        "| {} | {} | {} | {} | {} | {} | {} | {} |\n", word(figure.judgement),
        in_cell(figure.measure), in_cell(figure.group), figure_value(figure, figure.base_value),
        figure_value(figure, figure.other_value), figure_change(figure), figure_interval(figure),
        in_cell(figure.has_interval ? figure_ground(figure) : figure.why));
  return out + "\n";
}

}  // namespace

std::string format_comparison_markdown(const Comparison& comparison) {
  std::string out = "<!-- SPDX-License-Identifier: GPL-2.0 -->\n";
  for (const RunComparison& run : comparison.runs) {
    out += fmt::format("# {} against {}: {}\n\n", run.other, run.base, name_of(run.judgement));
    for (const std::string& note : run.notes)
      out += "* " + note + "\n";
    if (!run.notes.empty()) out += "\n";
    out += "| kernel | verdicts | latencies | rates |\n|---|---|---|---|\n";
    for (const KernelComparison& kernel : run.kernels)
      out += fmt::format("| {} | {} | {} | {} |\n", in_cell(pair_title(kernel)),
                         word(kernel.verdicts), word(kernel.latencies), word(kernel.rates));
    out += "\n";
    for (const KernelComparison& kernel : run.kernels) {
      out += "## " + pair_title(kernel) + "\n\n";
      const std::string counts = counts_in_words(count_cells(kernel));
      if (!counts.empty()) out += "Verdicts: " + counts + ".\n\n";
      out += cells_table(kernel);
      if (const std::string note = emulation_note(kernel); !note.empty() && !kernel.figures.empty())
        out += "Times (" + note + "):\n\n";
      out += figures_table(kernel);
      for (const auto& [where, count] :
           {std::pair{"the base", kernel.only_base.size() + kernel.measures_only_base.size()},
            std::pair{"the new run", kernel.only_other.size() + kernel.measures_only_other.size()}})
        if (count > 0) out += fmt::format("{} only in {}.\n\n", plural(count, "cell"), where);
    }
  }
  if (const std::string rules = rules_in_words(comparison); !rules.empty()) out += rules + "\n";
  return out;
}

}  // namespace daxbreak
