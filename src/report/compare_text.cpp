// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "report/compare_formats.h"
#include "report/compare_words.h"
#include "report/text.h"

namespace daxbreak {
namespace {

constexpr std::size_t judgement_width = 13;  // "no difference"
constexpr std::size_t most_patterns = 4;
constexpr std::size_t most_names = 6;
constexpr std::size_t few_figures = 8;  // these are shown one by one whatever they say

Ink ink_of(Judgement judgement) {
  switch (judgement) {
    case Judgement::worse:
      return Ink::bad;
    case Judgement::better:
      return Ink::good;
    case Judgement::cant_tell:
      return Ink::doubt;
    case Judgement::no_difference:
      return Ink::plain;
  }
  return Ink::plain;
}

class Writer {
 public:
  Writer(const Comparison& comparison, const Style& style, bool everything)
      : comparison_(comparison), style_(style), everything_(everything) {}

  std::string write() {
    for (const RunComparison& run : comparison_.runs) {
      if (&run != &comparison_.runs.front()) out_ += "\n";
      header(run);
      summary(run);
      for (const KernelComparison& kernel : run.kernels)
        details(kernel);
    }
    if (const std::string rules = rules_in_words(comparison_); !rules.empty())
      out_ += "\n" + wrap(rules, style_.width, "", "");
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string painted(Judgement judgement, std::size_t width = 0) const {
    const std::string_view name = name_of(judgement);
    return style_.paint(ink_of(judgement), name) +
           std::string(width > name.size() ? width - name.size() : 0, ' ');
  }

  void header(const RunComparison& run) {
    const std::size_t width = std::max(text_width(run.base), text_width(run.other));
    const auto side = [&](const char* role, const std::string& name, const std::string& started) {
      std::string line = fmt::format("{}  {}  {}", role, pad(name, width), started);
      line.erase(line.find_last_not_of(' ') + 1);
      out_ += line + "\n";
    };
    side("base", run.base, run.base_started);
    side("new ", run.other, run.other_started);
    for (const std::string& note : run.notes)
      out_ += wrap(note, style_.width, "note  ", "      ");
  }

  /// The judgement, and a line for each kernel.
  void summary(const RunComparison& run) {
    std::string word(name_of(run.judgement));
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    JudgementCounts cells;
    JudgementCounts times;
    JudgementCounts rates;
    const auto add = [](JudgementCounts& to, const JudgementCounts& from) {
      for (const auto& [judgement, count] : from)
        to[judgement] += count;
    };
    for (const KernelComparison& kernel : run.kernels) {
      add(cells, count_cells(kernel));
      add(times, count_figures(kernel, false));
      add(rates, count_figures(kernel, true));
    }
    out_ +=
        "\n" +
        style_.paint(
            run.judgement == Judgement::no_difference ? Ink::strong : ink_of(run.judgement), word) +
        "\n";
    for (const auto& [name, counts] :
         {std::pair{"verdicts ", &cells}, std::pair{"latencies", &times},
          std::pair{"rates    ", &rates}})
      if (!counts->empty()) out_ += fmt::format("  {}  {}\n", name, counts_in_words(*counts));
    if (cells.empty() && times.empty() && rates.empty())
      out_ += "  Nothing is in both: no cell, no measurement.\n";
    for (const auto& [where, kernels] :
         {std::pair{"the base", &run.only_base}, std::pair{"the new run", &run.only_other}})
      if (!kernels->empty())
        out_ += wrap(fmt::format("Only in {}: the kernel{} {}.", where,
                                 kernels->size() == 1 ? "" : "s", enumerate(*kernels)),
                     style_.width, "  ", "  ");
    if (run.kernels.size() > 1) table(run);
  }

  void table(const RunComparison& run) {
    std::size_t width = 0;
    for (const KernelComparison& kernel : run.kernels)
      width = std::max(width, text_width(pair_title(kernel)));
    width = std::min<std::size_t>(width, 48);
    out_ += fmt::format("\n  {}  verdicts       latencies      rates\n", std::string(width, ' '));
    for (const KernelComparison& kernel : run.kernels) {
      std::string line = "  " + pad(shorten(pair_title(kernel), width), width);
      for (const auto& part : {kernel.verdicts, kernel.latencies, kernel.rates})
        line += "  " + (part ? painted(*part, judgement_width) : pad("-", judgement_width));
      line.erase(line.find_last_not_of(' ') + 1);
      out_ += line + "\n";
    }
  }

  void details(const KernelComparison& kernel) {
    const std::size_t before = out_.size();
    verdicts(kernel);
    figures(kernel, false);
    figures(kernel, true);
    if (out_.size() == before) return;
    out_.insert(before, "\n" + style_.paint(Ink::strong, pair_title(kernel)) + "\n");
  }

  void verdicts(const KernelComparison& kernel) {
    for (const CensusChange& census : kernel.censuses)
      if (census.judgement != Judgement::no_difference)
        out_ += fmt::format("  {}  pages not idle, {}: {} -> {}\n",
                            painted(census.judgement, judgement_width), census.subject, census.base,
                            census.other);
    const std::string rest(judgement_width + 4, ' ');
    for (const ChangedCells& group : changed_cells(kernel)) {
      out_ += fmt::format("  {}  {}: {}\n", painted(group.judgement, judgement_width),
                          plural(group.cells, "cell"), style_.paint(Ink::strong, group.change));
      if (!group.why.empty()) out_ += wrap(group.why, style_.width, rest, rest);
      const std::size_t shown = everything_ || group.patterns.size() <= most_patterns + 1
                                    ? group.patterns.size()
                                    : most_patterns;
      for (std::size_t at = 0; at < shown; ++at)
        out_ += wrap(group.patterns[at], style_.width, rest, rest + "  ");
      if (shown < group.patterns.size())
        out_ += fmt::format("{}... and {} more like these (--all)\n", rest,
                            group.patterns.size() - shown);
      if (group.judgement != Judgement::cant_tell && !group.sentence.empty())
        out_ += wrap("e.g. " + group.sentence, style_.width, rest, rest + "     ");
      if (!group.known.empty()) out_ += fmt::format("{}known: {}\n", rest, group.known);
    }
    if (const std::string words = unchanged_in_words(kernel); !words.empty())
      out_ += fmt::format("  {}  {}\n", painted(Judgement::no_difference, judgement_width), words);
    alone("the base", kernel.only_base, kernel.measures_only_base);
    alone("the new run", kernel.only_other, kernel.measures_only_other);
  }

  void alone(const char* where, const std::vector<Cell>& cells,
             const std::vector<std::string>& measures) {
    if (cells.empty() && measures.empty()) return;
    std::vector<std::string> parts;
    if (!cells.empty()) parts.push_back(plural(cells.size(), "cell"));
    if (!measures.empty()) parts.push_back(plural(measures.size(), "measurement"));
    out_ += fmt::format("  {}  {} only in {}\n", pad("not compared", judgement_width),
                        enumerate(parts), where);
    if (!everything_) return;
    const std::string rest(judgement_width + 4, ' ');
    for (const Cell& cell : cells)
      out_ += rest + cell.id() + "\n";
    for (const std::string& name : measures)
      out_ += rest + name + "\n";
  }

  void figures(const KernelComparison& kernel, bool rates) {
    std::vector<const Figure*> all;
    for (const Figure& figure : kernel.figures)
      if (figure.rate == rates) all.push_back(&figure);
    if (all.empty()) return;
    std::vector<const Figure*> shown;
    std::vector<const Figure*> folded;
    for (const Figure* figure : all) {
      const bool says_something =
          figure->judgement == Judgement::worse || figure->judgement == Judgement::better ||
          (figure->judgement == Judgement::cant_tell && figure->has_interval);
      const bool one_by_one =
          everything_ || says_something || (all.size() <= few_figures && !figure->same);
      (one_by_one ? shown : folded).push_back(figure);
    }
    std::string title = rates ? "rates and latencies of storms and loads" : "latencies of trials";
    if (const std::string note = emulation_note(kernel); !note.empty()) title += " (" + note + ")";
    out_ += "  " + style_.paint(Ink::strong, title) + "\n";
    lines(shown, rates);
    fold(folded, rates);
  }

  void lines(const std::vector<const Figure*>& figures, bool rates) {
    std::size_t name_width = 0;
    std::size_t value_width = 0;
    std::size_t change_width = 0;
    std::size_t interval_width = 0;
    const auto name_of_line = [&](const Figure& figure) {
      return rates ? figure.measure : figure.measure + " " + figure.group;
    };
    const auto values = [](const Figure& figure) {
      return figure_value(figure, figure.base_value) + " -> " +
             figure_value(figure, figure.other_value);
    };
    for (const Figure* figure : figures) {
      name_width = std::max(name_width, text_width(name_of_line(*figure)));
      value_width = std::max(value_width, text_width(values(*figure)));
      change_width = std::max(change_width, text_width(figure_change(*figure)));
      interval_width = std::max(interval_width, text_width(figure_interval(*figure)));
    }
    std::string point;
    for (const Figure* figure : figures) {
      if (rates && figure->group != point) {
        point = figure->group;
        out_ += wrap(point, style_.width, "   ", "      ");
      }
      const std::string reason = figure->has_interval ? figure_ground(*figure) : figure->why;
      std::string line =
          fmt::format("  {}  {}  {}  {:>{}}  {}  {}", painted(figure->judgement, judgement_width),
                      pad(name_of_line(*figure), name_width), pad(values(*figure), value_width),
                      figure_change(*figure), change_width,
                      pad(figure_interval(*figure), interval_width), reason);
      line.erase(line.find_last_not_of(' ') + 1);
      out_ += line + "\n";
    }
  }

  /// Lines that say the same of many, in one.
  void fold(const std::vector<const Figure*>& figures, bool rates) {
    struct Fold {
      Judgement judgement;
      std::string why;
      std::vector<std::string> measures;
      std::vector<std::string> groups;
    };
    std::vector<Fold> folds;
    const auto put = [](std::vector<std::string>& list, const std::string& word) {
      if (std::find(list.begin(), list.end(), word) == list.end()) list.push_back(word);
    };
    for (const Figure* figure : figures) {
      auto at = std::find_if(folds.begin(), folds.end(), [&](const Fold& one) {
        return one.judgement == figure->judgement && one.why == figure->why;
      });
      if (at == folds.end())
        at = folds.insert(folds.end(), Fold{figure->judgement, figure->why, {}, {}});
      put(at->measures, figure->measure);
      put(at->groups, figure->group);
    }
    const std::string rest(judgement_width + 4, ' ');
    for (const Fold& one : folds) {
      std::string names;
      if (one.groups.size() <= most_names)
        names = enumerate(one.groups);
      else
        names = fmt::format("{} {}", one.groups.size(), rates ? "points" : "pins or cells");
      std::string text = fmt::format("{} of {}", enumerate(one.measures), names);
      if (!one.why.empty()) text += ": " + one.why;
      const std::string wrapped = wrap(text, style_.width, rest, rest);
      out_ += "  " + painted(one.judgement, judgement_width) + wrapped.substr(judgement_width + 2);
    }
  }

  const Comparison& comparison_;
  Style style_;
  bool everything_;
  std::string out_;
};

}  // namespace

std::string format_comparison(const Comparison& comparison, const Style& style, bool everything) {
  return Writer(comparison, style, everything).write();
}

}  // namespace daxbreak
