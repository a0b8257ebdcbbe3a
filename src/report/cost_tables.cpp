// SPDX-License-Identifier: GPL-2.0
#include "report/cost_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "report/cost_figures.h"
#include "report/measure_text.h"

namespace daxbreak {
namespace {

/// One point of the sweep, or the only one.
struct PointRow {
  std::vector<std::string> values;  // of the swept keys, in the order of these
  std::map<std::string, const MeasureGroup*> of_kernel;

  [[nodiscard]] std::string cell(const std::string& kernel, const CostQuantity& what) const {
    const auto at = of_kernel.find(kernel);
    return at == of_kernel.end() ? "-" : cost_figure(*at->second, what);
  }
};

std::string value_at(const MeasureRecord& record, const std::string& key) {
  const auto at = record.point.find(key);
  return at == record.point.end() ? std::string("-") : at->second;
}

/// The points in the order of their values.
std::vector<PointRow> rows_of(const CostBlock& block) {
  std::map<std::vector<std::size_t>, PointRow> rows;
  for (const MeasureGroup& group : block.groups) {
    std::vector<std::size_t> place;
    std::vector<std::string> values;
    for (const auto& [key, all] : block.swept) {
      values.push_back(value_at(group.first(), key));
      place.push_back(
          static_cast<std::size_t>(std::find(all.begin(), all.end(), values.back()) - all.begin()));
    }
    PointRow& row = rows[place];
    row.values = std::move(values);
    row.of_kernel[group.first().kernel] = &group;
  }
  std::vector<PointRow> sorted;
  for (auto& [place, row] : rows)
    sorted.push_back(std::move(row));
  return sorted;
}

SweptValues swept_of(const std::vector<MeasureGroup>& groups) {
  SweptValues swept;
  for (const MeasureGroup& group : groups)
    for (const auto& [key, value] : group.first().point)
      swept[key];
  for (auto& [key, values] : swept) {
    bool numbers = true;
    const auto number = [&key = key, &groups](const std::string& value) {
      return sweep_number(key, value, groups.front().first().page_size);
    };
    for (const MeasureGroup& group : groups) {
      const std::string value = value_at(group.first(), key);
      if (std::find(values.begin(), values.end(), value) != values.end()) continue;
      values.push_back(value);
      numbers = numbers && number(value).has_value();
    }
    // The parts of a run that was divided come one after the other.
    if (numbers)
      std::stable_sort(values.begin(), values.end(),
                       [&](const std::string& left, const std::string& right) {
                         return number(left) < number(right);
                       });
  }
  std::erase_if(swept, [](const auto& one) { return one.second.size() < 2; });
  return swept;
}

/// "`mapped`", "`mapped`, `pinners`".
std::string corner_of(const CostBlock& block) {
  std::string text;
  for (const auto& [key, values] : block.swept)
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", key);
  return text;
}

/// What a line is through: the quantity, the key, and the values of the other swept keys.
std::string line_label(const CostBlock& block, const Curve& curve, const CostQuantity& what) {
  std::string text =
      fmt::format("{}, per {}", what.label,
                  curve.unit == curve.key ? fmt::format("`{}`", curve.key) : curve.unit);
  for (const auto& [key, values] : block.swept)
    if (key != curve.key) text += fmt::format(", {}={}", key, value_at(*curve.example, key));
  return text;
}

/// A line misses the points that failed, and goes through those that proved nothing.
std::string_view mark_of(const CostBlock& block, const Curve& curve) {
  const auto on_line = [&](const MeasureRecord& record) {
    return record.kernel == curve.example->kernel &&
           std::all_of(block.swept.begin(), block.swept.end(), [&](const auto& swept) {
             return swept.first == curve.key ||
                    value_at(record, swept.first) == value_at(*curve.example, swept.first);
           });
  };
  const bool whole = std::all_of(
      block.groups.begin(), block.groups.end(),
      [&](const MeasureGroup& group) { return !on_line(group.first()) || all_passed(group); });
  return whole ? "" : " ?";
}

/// The lines through the latencies of a sweep; "" if there are none.
std::string lines_table(const CostBlock& block, const std::vector<CostQuantity>& quantities,
                        const std::vector<KernelColumn>& columns) {
  std::vector<std::pair<std::string, std::map<std::string, std::string>>> rows;
  for (const CostQuantity& what : quantities) {
    if (what.kind != CostKind::latency) continue;
    for (const Curve& curve : curves_of(block.groups, what.name)) {
      const std::string label = line_label(block, curve, what);
      auto row = std::find_if(rows.begin(), rows.end(),
                              [&](const auto& one) { return one.first == label; });
      if (row == rows.end()) row = rows.insert(rows.end(), {label, {}});
      const std::string& kernel = curve.example->kernel;
      row->second[kernel] = curve.fit ? fmt::format("{} ({}){}", line_text(*curve.fit),
                                                    quality_text(*curve.fit), mark_of(block, curve))
                                      : std::string("no line");
    }
  }
  if (rows.empty()) return "";
  KernelTable table(columns);
  for (const auto& [label, cells] : rows)
    table.row(label, [&cells = cells](const std::string& kernel) {
      const auto at = cells.find(kernel);
      return at == cells.end() ? std::string("-") : at->second;
    });
  return "Lines `a + b x` through these medians, by least squares of the relative distances; `x` "
         "is pages of the mapping's size, or the key's value:\n\n" +
         table.text() + "\n";
}

}  // namespace

std::vector<CostBlock> cost_blocks(const RunRecord& run) {
  using Place = std::tuple<std::string, std::string, std::string, std::string, std::uint64_t>;
  std::vector<CostBlock> blocks;
  std::map<Place, std::size_t> places;
  for (MeasureGroup& group : measure_groups(run.measures)) {
    const MeasureRecord& record = group.first();
    const auto [at, fresh] = places.try_emplace(
        {record.job, record.load, record.engine, record.filesystem, record.page_size},
        blocks.size());
    if (fresh) blocks.emplace_back();
    blocks[at->second].groups.push_back(std::move(group));
  }
  for (CostBlock& block : blocks)
    block.swept = swept_of(block.groups);
  return blocks;
}

std::string cost_tables(const CostBlock& block, const std::vector<KernelColumn>& columns) {
  const std::vector<CostQuantity> quantities = cost_quantities(block.groups);
  const std::vector<PointRow> rows = rows_of(block);
  std::string out;
  if (block.swept.empty()) {
    KernelTable table(columns);
    for (const CostQuantity& what : quantities)
      table.row(what.label,
                [&](const std::string& kernel) { return rows.front().cell(kernel, what); });
    return quantities.empty() ? "" : table.text() + "\n";
  }
  for (const CostQuantity& what : quantities) {
    KernelTable table(columns, corner_of(block));
    for (const PointRow& row : rows)
      table.row(fmt::format("{}", fmt::join(row.values, ", ")),
                [&](const std::string& kernel) { return row.cell(kernel, what); });
    out += fmt::format("**{}**\n\n{}\n", what.label, table.text());
  }
  return out + lines_table(block, quantities, columns);
}

}  // namespace daxbreak
