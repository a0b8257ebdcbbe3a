// SPDX-License-Identifier: GPL-2.0
#include "report/costs_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <utility>

#include "base/units.h"
#include "report/cost_tables.h"
#include "report/markdown_table.h"
#include "report/measure_text.h"
#include "report/pin_cost_table.h"
#include "report/tally.h"
#include "report/text.h"

namespace daxbreak {
namespace {

constexpr int width = 110;  // of paragraphs

/// A sentence with its numbers taken out: what two repetitions say of the same. A number begins a
/// word, or stands behind a slash (a process's) or a hash (a processor's), so that "fs/dax.c:452"
/// keeps its line.
std::string without_numbers(std::string_view sentence) {
  std::string text;
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  for (std::size_t at = 0; at < sentence.size(); ++at) {
    const char before = at == 0 ? ' ' : sentence[at - 1];
    if (!digit(sentence[at]) || std::string_view(" (-+/#").find(before) == std::string_view::npos) {
      text += sentence[at];
      continue;
    }
    text += '#';
    while (at + 1 < sentence.size() && (digit(sentence[at + 1]) || sentence[at + 1] == '.'))
      ++at;
  }
  return text;
}

/// Why measurements did not pass: each reason once, with the places that it was given in.
class Reasons {
 public:
  void add(const std::string& sentence, const std::string& place) {
    const auto [at, fresh] = numbers_.try_emplace(without_numbers(sentence), all_.size());
    if (fresh) all_.push_back({.sentence = sentence});
    Reason& reason = all_[at->second];
    ++reason.count;
    const auto same = [&](const auto& one) { return one.first == place; };
    const auto known = std::find_if(reason.places.begin(), reason.places.end(), same);
    if (known == reason.places.end())
      reason.places.emplace_back(place, 1);
    else
      ++known->second;
  }

  /// A list, the commonest first; "" if all is well.
  [[nodiscard]] std::string text() const {
    std::vector<const Reason*> sorted;
    for (const Reason& reason : all_)
      sorted.push_back(&reason);
    std::stable_sort(sorted.begin(), sorted.end(), [](const Reason* left, const Reason* right) {
      return left->count > right->count;
    });
    std::string out;
    for (const Reason* reason : sorted) {
      std::vector<std::string> places;
      for (const auto& [place, count] : reason->places)
        places.push_back(fmt::format("{}: {}", place, count));
      out += fmt::format("- {} {} ({})\n", plural(reason->count, "time"), in_cell(reason->sentence),
                         fmt::join(places, ", "));
    }
    return out.empty() ? out : out + "\n";
  }

 private:
  struct Reason {
    std::string sentence;  // of the first
    std::size_t count = 0;
    std::vector<std::pair<std::string, std::size_t>> places;
  };

  std::vector<Reason> all_;
  std::map<std::string, std::size_t> numbers_;  // by sentence without numbers
};

/// A column for each kernel, and its scheme beside it where that has another name.
std::vector<KernelColumn> columns_of(const RunRecord& run) {
  std::vector<std::string> kernels = kernels_of(run);
  for (const MeasureRecord& record : run.measures)
    if (std::find(kernels.begin(), kernels.end(), record.kernel) == kernels.end())
      kernels.push_back(record.kernel);
  std::vector<KernelColumn> columns = plain_columns(kernels);
  for (KernelColumn& column : columns)
    if (const std::string& scheme = environment_of(run, column.kernel).scheme;
        !scheme.empty() && scheme != column.kernel)
      column.title += fmt::format(" ({})", scheme);
  return columns;
}

/// Whose times are no times of any machine; "" if all are.
std::string emulation(const RunRecord& run) {
  std::vector<std::string> emulated;
  for (const Environment& environment : run.environments)
    if (environment.accelerator == "tcg") emulated.push_back(environment.kernel);
  if (emulated.empty()) return "";
  const std::string whose = emulated.size() == run.environments.size()
                                ? std::string("All times")
                                : "The times of " + enumerate(emulated);
  return fmt::format(
      "**{} are those of software emulation (tcg)**: they say which path is longer, not how "
      "long it takes.\n\n",
      whose);
}

std::string head(const RunRecord& run, const std::vector<KernelColumn>& columns) {
  std::string out = fmt::format("```\n{}\n```\n\nBegun {}; ", run.command, run.started);
  out += run.seconds > 0 ? fmt::format("it took {}.", format_span(run.seconds))
                         : std::string("its end is not on record.");
  if (run.plan.shards.size() < run.plan.of)
    out += fmt::format(" It is {} of {} parts of the plan.", run.plan.shards.size(), run.plan.of);
  if (!run.trials.empty())
    out += fmt::format(" Its {} are not in here.", plural(run.trials.size(), "trial"));
  out += "\n\n" + emulation(run);
  KernelTable table(columns);
  const auto fact = [&](std::string_view what, std::string Environment::*part) {
    table.row(what, [&](const std::string& kernel) {
      const std::string& text = environment_of(run, kernel).*part;
      return text.empty() ? std::string("-") : text;
    });
  };
  fact("scheme", &Environment::scheme);
  fact("kernel", &Environment::release);
  fact("version", &Environment::version);
  fact("origin", &Environment::origin);
  fact("accelerator", &Environment::accelerator);
  fact("clock source", &Environment::clock_source);
  out += table.text() + "\n";
  for (const Incident& incident : run.incidents)
    out += fmt::format("- {}: {}\n", incident.kernel, in_cell(incident.sentence));
  return run.incidents.empty() ? out : out + "\n";
}

std::size_t count_of(const RunRecord& run, Outcome outcome, const std::string& kernel = "") {
  return static_cast<std::size_t>(
      std::count_if(run.measures.begin(), run.measures.end(), [&](const MeasureRecord& record) {
        return record.verdict.outcome == outcome && (kernel.empty() || record.kernel == kernel);
      }));
}

std::string outcomes(const RunRecord& run, const std::vector<KnownFinding>& known,
                     const std::vector<KernelColumn>& columns) {
  std::string out = fmt::format(
      "## Outcomes\n\nOf {} (each a repetition of a point) {} passed, {} failed, {} proved nothing "
      "and {} were not run.\n\n",
      plural(run.measures.size(), "measurement"), count_of(run, Outcome::pass),
      count_of(run, Outcome::fail), count_of(run, Outcome::inconclusive),
      count_of(run, Outcome::skip));
  KernelTable table(columns);
  constexpr std::array rows{std::pair{Outcome::pass, "passed"}, std::pair{Outcome::fail, "failed"},
                            std::pair{Outcome::inconclusive, "inconclusive"},
                            std::pair{Outcome::skip, "skipped"}};
  for (const auto& [outcome, word] : rows)
    table.row(word, [&, wanted = outcome](const std::string& kernel) {
      return std::to_string(count_of(run, wanted, kernel));
    });
  Reasons reasons;
  for (const MeasureRecord& record : run.measures)
    for (const std::string& sentence :
         objections_to(record, environment_of(run, record.kernel), known))
      reasons.add(sentence, record.kernel);
  return out + table.text() + "\n" + reasons.text();
}

constexpr std::string_view reading =
    "A figure is the median over the repetitions, of latencies that of each one's median. Behind "
    "it stands how far apart they are: `+-` half of what lies between the least and the most, in "
    "percent of the median, or the least and the most themselves. `?`: not every repetition "
    "passed; why is said under the tables. What failed is in no figure, what proved nothing is. "
    "Where both was measured rates and latencies are those without the observer; with it are the "
    "parts of a break's wait, scans, sleeps, wakeups and waiters, and its cost is what was lost "
    "with it. docs/storms.md says what is measured and how, docs/costs-explained.md why it costs "
    "what it does.";

/// "3 repetitions of 1.0s".
std::string repetitions_of(const CostBlock& block) {
  std::size_t most = 0;
  std::vector<double> seconds;
  for (const MeasureGroup& group : block.groups) {
    most = std::max(most, group.repetitions.size());
    for (const MeasureRecord* record : group.repetitions)
      if (record->verdict.outcome == Outcome::pass) seconds.push_back(record->seconds);
  }
  std::string text = plural(most, "repetition");
  // Where the work decides how long it takes the clock says nothing.
  constexpr double alike = 5;
  if (!seconds.empty() && spread_of(seconds).percent() < alike)
    text += fmt::format(" of {}", format_span(median_of(seconds)));
  return text;
}

/// Why there are points of it that have no figures, or doubtful ones.
std::string gaps(const RunRecord& run, const std::vector<KnownFinding>& known,
                 const CostBlock& block) {
  Reasons reasons;
  for (const MeasureGroup& group : block.groups) {
    std::string place = group.first().kernel;
    for (const auto& [key, values] : block.swept)
      if (const auto at = group.first().point.find(key); at != group.first().point.end())
        place += fmt::format(" {}={}", key, at->second);
    for (const MeasureRecord* record : group.repetitions)
      for (const std::string& sentence :
           objections_to(*record, environment_of(run, record->kernel), known))
        reasons.add(sentence, place);
  }
  return reasons.text();
}

std::string section(const RunRecord& run, const std::vector<KnownFinding>& known,
                    const std::vector<const CostBlock*>& blocks,
                    const std::vector<KernelColumn>& columns) {
  const std::string& name = blocks.front()->first().job;
  const auto purpose = run.plan.sections.find(name);
  std::string out = fmt::format("## {}{}\n\n", name.empty() ? blocks.front()->first().load : name,
                                purpose == run.plan.sections.end() ? "" : ": " + purpose->second);
  for (const CostBlock* block : blocks) {
    const MeasureRecord& first = block->first();
    if (blocks.size() > 1)
      out += fmt::format(
          "### {}, {}, pages of {}{}\n\n", first.load, first.filesystem,
          format_size(first.page_size),
          first.engine.empty() || first.engine == "daxbreak" ? "" : ", " + first.engine);
    out += wrap(fmt::format("{}; {}.", setup_words(first, block->swept), repetitions_of(*block)),
                width, "", "") +
           "\n";
    out += cost_tables(*block, columns) + gaps(run, known, *block);
  }
  return out;
}

}  // namespace

std::string format_costs_page(const RunRecord& run, const std::vector<KnownFinding>& known) {
  const std::vector<KernelColumn> columns = columns_of(run);
  std::string out =
      "<!-- SPDX-License-Identifier: GPL-2.0 -->\n"
      "<!-- Made by `daxbreak report RUN --output-format costs-page`. -->\n"
      "# What a layout break costs under each scheme\n\n";
  out += head(run, columns);
  if (run.measures.empty()) {
    out += "Nothing was measured: no section that was run has a `load=`.\n\n";
  } else {
    out += outcomes(run, known, columns) + wrap(reading, width, "", "") + "\n";
    const std::vector<CostBlock> blocks = cost_blocks(run);
    std::vector<std::vector<const CostBlock*>> sections;
    for (const CostBlock& block : blocks) {
      const auto same = [&](const auto& one) {
        return one.front()->first().job == block.first().job;
      };
      const auto at = std::find_if(sections.begin(), sections.end(), same);
      (at == sections.end() ? sections.emplace_back() : *at).push_back(&block);
    }
    for (const auto& of_section : sections)
      out += section(run, known, of_section, columns);
  }
  out += pin_cost_section(run, columns);
  while (out.ends_with("\n\n"))
    out.pop_back();
  return out;
}

}  // namespace daxbreak
