// SPDX-License-Identifier: GPL-2.0
#include "report/cells.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/units.h"

namespace daxbreak {
namespace {

constexpr std::size_t axes = 5;
using Point = std::array<std::string, axes>;  // the parts of Cell::id()
using Points = std::set<Point>;
using Sides = std::array<std::set<std::string>, axes>;

Point point_of(const Cell& cell) {
  return {cell.filesystem, page_label(cell), pin_label(cell), breaker_label(cell), cell.disturber};
}

Points points_of(const std::vector<Cell>& cells) {
  Points points;
  for (const Cell& cell : cells)
    points.insert(point_of(cell));
  return points;
}

Sides sides_of(const Points& points) {
  Sides sides;
  for (const Point& point : points)
    for (std::size_t axis = 0; axis < axes; ++axis)
      sides[axis].insert(point[axis]);
  return sides;
}

/// True if the box around `hit` holds nothing else of the universe.
bool is_box(const Points& hit, const Points& universe) {
  const Sides sides = sides_of(hit);
  const auto inside = [&](const Point& point) {
    for (std::size_t axis = 0; axis < axes; ++axis)
      if (!sides[axis].contains(point[axis])) return false;
    return true;
  };
  return static_cast<std::size_t>(std::count_if(universe.begin(), universe.end(), inside)) ==
         hit.size();
}

/// The points by their value on one axis, values with the same points otherwise put together.
std::vector<Points> slices(const Points& hit, std::size_t axis) {
  std::map<std::string, Points> by_value;
  for (Point point : hit) {
    std::string value = std::exchange(point[axis], "");
    by_value[value].insert(point);
  }
  std::map<Points, std::vector<std::string>> by_shape;
  for (const auto& [value, shape] : by_value)
    by_shape[shape].push_back(value);
  if (by_shape.size() == 1) {  // no progress that way: take every value for itself
    by_shape.clear();
    std::vector<Points> single;
    for (const auto& [value, shape] : by_value) {
      Points points;
      for (Point point : shape) {
        point[axis] = value;
        points.insert(point);
      }
      single.push_back(std::move(points));
    }
    return single;
  }
  std::vector<Points> parts;
  for (const auto& [shape, values] : by_shape) {
    Points points;
    for (const std::string& value : values)
      for (Point point : shape) {
        point[axis] = value;
        points.insert(point);
      }
    parts.push_back(std::move(points));
  }
  return parts;
}

/// Cuts `hit` into boxes: along the axis that leaves the fewest parts that are none.
void cut(const Points& hit, const Points& universe, std::vector<Points>& boxes) {
  if (is_box(hit, universe)) {
    boxes.push_back(hit);
    return;
  }
  std::vector<Points> best;
  std::pair<std::size_t, std::size_t> best_cost{SIZE_MAX, SIZE_MAX};
  for (std::size_t axis = 0; axis < axes; ++axis) {
    std::vector<Points> parts = slices(hit, axis);
    if (parts.size() < 2) continue;
    const auto ragged = static_cast<std::size_t>(std::count_if(
        parts.begin(), parts.end(), [&](const Points& part) { return !is_box(part, universe); }));
    const std::pair cost{ragged, parts.size()};
    if (cost < best_cost) {
      best_cost = cost;
      best = std::move(parts);
    }
  }
  for (const Points& part : best)
    cut(part, universe, boxes);
}

/// Whether the box stays the same among the universe's points if it takes in every value of `axis`
/// (and of the axes that are free already).
bool can_be_free(const Points& box, const Points& universe, const Sides& sides,
                 std::array<bool, axes> free, std::size_t axis) {
  free[axis] = true;
  const auto inside = [&](const Point& point) {
    for (std::size_t i = 0; i < axes; ++i)
      if (!free[i] && !sides[i].contains(point[i])) return false;
    return true;
  };
  return static_cast<std::size_t>(std::count_if(universe.begin(), universe.end(), inside)) ==
         box.size();
}

std::string pattern_of(const Points& box, const Points& universe) {
  const Sides sides = sides_of(box);
  std::array<bool, axes> free{};
  std::string pattern;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    if (axis > 0) pattern += '/';
    // One value is said by its name, even where "*" would mean the same.
    free[axis] = sides[axis].size() > 1 && can_be_free(box, universe, sides, free, axis);
    if (free[axis])
      pattern += '*';
    else if (sides[axis].size() == 1)
      pattern += *sides[axis].begin();
    else
      pattern += fmt::format("{{{}}}", fmt::join(sides[axis], ","));
  }
  return pattern;
}

}  // namespace

std::string pin_label(const Cell& cell) {
  return cell.gate == Cell{}.gate ? cell.pin : cell.pin + "@" + cell.gate;
}

std::string held_label(const Cell& cell) {
  return cell.memory == Cell{}.memory ? pin_label(cell) : pin_label(cell) + " of " + cell.memory;
}

std::string page_label(const Cell& cell) {
  const std::string size = format_size(cell.page_size);
  return cell.memory == Cell{}.memory ? size : size + "+" + cell.memory;
}

std::string breaker_label(const Cell& cell) {
  return cell.range == Cell{}.range ? cell.breaker : cell.breaker + ":" + cell.range;
}

std::vector<std::string> common_factors(const std::vector<Cell>& hit,
                                        const std::vector<Cell>& universe) {
  constexpr std::size_t few = 3;
  std::vector<std::string> factors;
  for (const CellAxis& axis : cell_axes()) {
    std::map<std::string, std::size_t> hits;
    std::map<std::string, std::size_t> all;
    for (const Cell& cell : hit)
      ++hits[axis.value(cell)];
    for (const Cell& cell : universe)
      ++all[axis.value(cell)];
    if (hits.size() > few || hits.size() == all.size()) continue;
    std::vector<std::string> values;
    for (const auto& [value, count] : hits)
      values.push_back(fmt::format("{} ({} of {})", value, count, std::max(count, all[value])));
    factors.push_back(fmt::format("{} {}", axis.name, fmt::join(values, ", ")));
  }
  return factors;
}

const std::vector<CellAxis>& cell_axes() {
  static const std::vector<CellAxis> axes_of_cells{
      {"filesystem", [](const Cell& cell) { return cell.filesystem; }},
      {"page size", [](const Cell& cell) { return format_size(cell.page_size); }},
      {"memory", [](const Cell& cell) { return cell.memory; }},
      {"pin", pin_label},
      {"breaker", [](const Cell& cell) { return cell.breaker; }},
      {"range", [](const Cell& cell) { return cell.range; }},
      {"disturber", [](const Cell& cell) { return cell.disturber; }},
  };
  return axes_of_cells;
}

std::vector<std::string> describe_cells(const std::vector<Cell>& hit,
                                        const std::vector<Cell>& universe) {
  const Points points = points_of(hit);
  if (points.empty()) return {};
  Points all = points_of(universe);
  all.insert(points.begin(), points.end());
  std::vector<Points> boxes;
  cut(points, all, boxes);
  std::stable_sort(boxes.begin(), boxes.end(), [](const Points& left, const Points& right) {
    return left.size() > right.size();
  });
  std::vector<std::string> patterns;
  for (const Points& box : boxes)
    patterns.push_back(pattern_of(box, all));
  return patterns;
}

}  // namespace daxbreak
