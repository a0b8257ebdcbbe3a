// SPDX-License-Identifier: GPL-2.0
#include "report/versus_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/units.h"
#include "report/tally.h"
#include "report/text.h"

namespace daxbreak {
namespace {

using Json = nlohmann::ordered_json;

constexpr double median_percent = 50;
constexpr double p99_percent = 99;
constexpr std::string_view ours = "daxbreak";

/// What belongs to one row: by repetition, each side's record.
struct Sides {
  const MeasureRecord* fio = nullptr;
  const MeasureRecord* own = nullptr;
};
struct Group {
  const MeasureRecord* first = nullptr;
  const MeasureRecord* skip = nullptr;
  std::map<unsigned, Sides> repetitions;
};

bool is_fio(const MeasureRecord& record) {
  return record.engine.starts_with("fio");
}

auto key_of(const MeasureRecord& record) {
  return std::tie(record.kernel, record.filesystem, record.job, record.point);
}

std::vector<Group> groups_of(const RunRecord& run) {
  std::vector<Group> groups;
  for (const MeasureRecord& record : run.measures) {
    const bool skip = record.verdict.outcome == Outcome::skip;
    if (!skip && record.series.empty()) continue;
    auto at = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
      return key_of(*group.first) == key_of(record);
    });
    if (at == groups.end()) at = groups.insert(groups.end(), Group{.first = &record});
    if (skip)
      at->skip = &record;
    else if (is_fio(record))
      at->repetitions[record.repetition].fio = &record;
    else if (record.engine == ours)
      at->repetitions[record.repetition].own = &record;
  }
  // Without fio it is a measurement of another kind.
  std::erase_if(groups, [](const Group& group) {
    const bool peer = std::any_of(group.repetitions.begin(), group.repetitions.end(),
                                  [](const auto& one) { return one.second.fio != nullptr; });
    return !peer && (group.skip == nullptr || !group.first->point.contains("ioengine"));
  });
  return groups;
}

/// A quantity of both sides and of their quotient.
template <class Quantity>
VersusRatio ratio_of(const Group& group, Quantity quantity) {
  std::vector<double> fio;
  std::vector<double> own;
  std::vector<double> ratios;
  for (const auto& [repetition, sides] : group.repetitions) {
    if (sides.fio == nullptr || sides.own == nullptr) continue;
    fio.push_back(quantity(*sides.fio));
    own.push_back(quantity(*sides.own));
    if (fio.back() > 0) ratios.push_back(own.back() / fio.back());
  }
  return {.fio = spread_of(fio), .ours = spread_of(own), .ratio = spread_of(ratios)};
}

double iops_of(const MeasureRecord& record) {
  const auto said = record.numbers.find("iops");
  if (said != record.numbers.end()) return said->second;
  return record.seconds > 0
             ? static_cast<double>(record.series.front().latency.count()) / record.seconds
             : 0;
}

Pace pace_of(const Spread& ratio) {
  constexpr double least = 1 - pace_tolerance;
  if (ratio.median >= least) return Pace::not_slower;
  return ratio.most < least ? Pace::slower : Pace::unclear;
}

std::string_view word_of(Pace pace) {
  switch (pace) {
    case Pace::not_slower:
      return "not slower";
    case Pace::slower:
      return "slower";
    case Pace::unclear:
      return "can't tell";
  }
  return "";
}

VersusRow row_of(const Group& group) {
  VersusRow row{.kernel = group.first->kernel,
                .filesystem = group.first->filesystem,
                .pair = group.first->job,
                .point = group.first->point,
                .page_size = group.first->page_size};
  if (group.skip != nullptr) {
    row.settings = group.skip->settings;
    row.skipped = group.skip->verdict.reason;
    return row;
  }
  for (const auto& [repetition, sides] : group.repetitions) {
    if (sides.fio == nullptr || sides.own == nullptr) continue;
    row.fio = sides.fio->engine;
    row.settings = sides.own->settings;
    row.fio_options = sides.fio->settings;
    ++row.repetitions;
  }
  if (row.repetitions == 0) {
    row.skipped = "only one side was measured";
    return row;
  }
  const auto percentile = [](double percent) {
    return [percent](const MeasureRecord& record) {
      return static_cast<double>(record.series.front().latency.percentile(percent));
    };
  };
  row.iops = ratio_of(group, iops_of);
  row.median_ns = ratio_of(group, percentile(median_percent));
  row.p99_ns = ratio_of(group, percentile(p99_percent));
  row.pace = pace_of(row.iops.ratio);
  return row;
}

/// "12.3k": three digits, as fio has them.
std::string rate(double per_second) {
  if (per_second >= 1e6) return fmt::format("{:.{}f}M", per_second / 1e6, per_second < 1e7 ? 2 : 1);
  if (per_second >= 1e3)
    return fmt::format("{:.{}f}k", per_second / 1e3,
                       per_second < 1e4   ? 2
                       : per_second < 1e5 ? 1
                                          : 0);
  return fmt::format("{:.{}f}", per_second, per_second < 100 ? 1 : 0);
}

std::string span(double ns) {
  return format_time(Nanos(std::llround(ns)));
}

/// Cells of the table, right-aligned but for the first two.
std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t at = 0; at < cells.size(); ++at) {
    const std::string blank(widths[at] - std::min(widths[at], text_width(cells[at])), ' ');
    if (at > 0) line += "  ";
    line += at < 2 || at + 1 == cells.size() ? cells[at] + blank : blank + cells[at];
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::vector<std::string> cells_of(const VersusRow& row) {
  const auto ratio = [](const VersusRatio& both) {
    return fmt::format("{:.2f}", both.ratio.median);
  };
  return {row.pair,
          row.point.contains("ioengine") ? row.point.at("ioengine") : "",
          rate(row.iops.fio.median),
          rate(row.iops.ours.median),
          ratio(row.iops),
          fmt::format("{:.2f}-{:.2f}", row.iops.ratio.least, row.iops.ratio.most),
          span(row.median_ns.fio.median),
          span(row.median_ns.ours.median),
          ratio(row.median_ns),
          span(row.p99_ns.fio.median),
          span(row.p99_ns.ours.median),
          ratio(row.p99_ns),
          std::string(word_of(row.pace))};
}

/// The table of one kernel.
std::string table_of(const std::vector<const VersusRow*>& rows, const Style& style) {
  // Two lines of heads: what a group of columns is about, and whose the column is.
  std::vector<std::vector<std::string>> lines{
      {"", "", "IOPS", "", "", "", "median", "", "", "99th", "", "", ""},
      {"pair", "ioengine", "fio", "ours", "ratio", "range", "fio", "ours", "ratio", "fio", "ours",
       "ratio", ""}};
  for (const VersusRow* row : rows)
    if (row->skipped.empty()) lines.push_back(cells_of(*row));
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& cells : lines)
    for (std::size_t at = 0; at < cells.size(); ++at)
      widths[at] = std::max(widths[at], text_width(cells[at]));
  std::string out;
  if (lines.size() > 2) {
    std::size_t number = 0;
    std::vector<const VersusRow*> shown;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(shown),
                 [](const VersusRow* row) { return row->skipped.empty(); });
    for (const auto& cells : lines) {
      const std::string line = line_of(cells, widths);
      const Pace pace = number < 2 ? Pace::not_slower : shown[number - 2]->pace;
      const Ink ink = number < 2              ? Ink::strong
                      : pace == Pace::slower  ? Ink::bad
                      : pace == Pace::unclear ? Ink::doubt
                                              : Ink::plain;
      out += style.paint(ink, line.substr(0, line.size() - 1)) + "\n";
      ++number;
    }
  }
  for (const VersusRow* row : rows)
    if (!row->skipped.empty())
      out += wrap(row->skipped, style.width, fmt::format("{}: skipped: ", row->pair), "    ");
  return out;
}

/// The first value that a setting has; "" if it has none.
std::string setting_of(const std::vector<const VersusRow*>& rows, const std::string& key) {
  for (const VersusRow* row : rows)
    if (const auto at = row->settings.find(key); at != row->settings.end()) return at->second;
  return "";
}

/// "6.12 (6.12.117-1), ext4, tcg": where the rows come from.
std::string title_of(const RunRecord& run, const std::vector<const VersusRow*>& rows) {
  const VersusRow& first = *rows.front();
  const Environment environment = environment_of(run, first.kernel);
  std::vector<std::string> words{kernel_title(environment, first.kernel)};
  std::vector<std::string> filesystems;
  std::string fio;
  unsigned repetitions = 0;
  for (const VersusRow* row : rows) {
    if (std::find(filesystems.begin(), filesystems.end(), row->filesystem) == filesystems.end())
      filesystems.push_back(row->filesystem);
    if (!row->fio.empty()) fio = row->fio;
    repetitions = std::max(repetitions, row->repetitions);
  }
  words.push_back(enumerate(filesystems));
  if (!fio.empty()) words.push_back(fmt::format("{} and daxbreak in turn", fio));
  if (repetitions > 0) words.push_back(plural(repetitions, "repetition"));
  if (first.point.contains("bs")) words.push_back("bs " + first.point.at("bs"));
  // Pairs on a block device have no size of their own, older runs have no settings.
  if (const auto size = parse_size(setting_of(rows, "size")))
    words.push_back("size " + format_size(*size));
  if (const auto runtime = parse_time(setting_of(rows, "runtime") + "ns"))
    words.push_back("runtime " + format_time(*runtime));
  if (!environment.accelerator.empty() && environment.accelerator != "none")
    words.push_back(environment.accelerator);
  return fmt::format("{}", fmt::join(words, ", "));
}

Json to_json(const Spread& spread) {
  return {{"median", spread.median}, {"min", spread.least}, {"max", spread.most}};
}

Json to_json(const VersusRatio& both) {
  return {
      {"fio", to_json(both.fio)}, {"daxbreak", to_json(both.ours)}, {"ratio", to_json(both.ratio)}};
}

}  // namespace

std::vector<VersusRow> versus_rows(const RunRecord& run) {
  std::vector<VersusRow> rows;
  for (const Group& group : groups_of(run))
    rows.push_back(row_of(group));
  return rows;
}

std::string format_versus(const RunRecord& run, const Style& style) {
  const std::vector<VersusRow> rows = versus_rows(run);
  std::vector<std::string> kernels;
  for (const VersusRow& row : rows)
    if (std::find(kernels.begin(), kernels.end(), row.kernel) == kernels.end())
      kernels.push_back(row.kernel);
  std::string out;
  bool emulated = false;
  std::size_t skipped = 0;
  for (const std::string& kernel : kernels) {
    std::vector<const VersusRow*> own;
    for (const VersusRow& row : rows)
      if (row.kernel == kernel) own.push_back(&row);
    if (!out.empty()) out += "\n";
    out += style.paint(Ink::strong, title_of(run, own)) + "\n" + table_of(own, style);
    emulated |= environment_of(run, kernel).accelerator == "tcg";
  }
  if (out.empty()) return out;
  const auto count = [&](Pace pace) {
    return std::count_if(rows.begin(), rows.end(), [&](const VersusRow& row) {
      return row.skipped.empty() && row.pace == pace;
    });
  };
  skipped = static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [](const VersusRow& row) { return !row.skipped.empty(); }));
  out += fmt::format("\n{}: {} not slower than fio, {} slower, {} can't tell, {} skipped\n",
                     plural(rows.size(), "pair"), count(Pace::not_slower), count(Pace::slower),
                     count(Pace::unclear), skipped);
  out += wrap(fmt::format("A ratio is ours / fio: the median of the repetitions, each by the run "
                          "of fio just before it. Slower: below {:.2f} in every repetition. "
                          "Latencies are fio's clat, and its lat (with the submission) for "
                          "io_uring.",
                          1 - pace_tolerance),
              style.width, "", "");
  if (emulated) out += "Timings under tcg are those of software emulation.\n";
  return out;
}

Json versus_json(const RunRecord& run) {
  Json pairs = Json::array();
  for (const VersusRow& row : versus_rows(run)) {
    Json pair{{"kernel", row.kernel},
              {"accelerator", environment_of(run, row.kernel).accelerator},
              {"filesystem", row.filesystem},
              {"pair", row.pair},
              {"page_size", row.page_size},
              {"point", row.point},
              {"settings", row.settings}};
    if (row.skipped.empty()) {
      pair["fio version"] = row.fio;
      pair["fio options"] = row.fio_options;
      pair["repetitions"] = row.repetitions;
      pair["iops"] = to_json(row.iops);
      pair["median_ns"] = to_json(row.median_ns);
      pair["p99_ns"] = to_json(row.p99_ns);
      pair["pace"] = word_of(row.pace);
    } else {
      pair["skipped"] = row.skipped;
    }
    pairs.push_back(std::move(pair));
  }
  return {{"command", run.command}, {"started", run.started}, {"pairs", std::move(pairs)}};
}

}  // namespace daxbreak
