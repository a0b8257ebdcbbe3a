// SPDX-License-Identifier: GPL-2.0
#include "job/simplify.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>

#include "base/units.h"
#include "job/sense.h"
#include "pmem/mapping.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

/// An axis and how it becomes simple.
struct Axle {
  std::string_view name;
  std::function<void(Cell&)> simplify;
};

/// From what says most about a finding, if it is not needed, to what says least.
const std::vector<Axle>& axles() {
  static const std::vector<Axle> all{
      {"disturber", [](Cell& cell) { cell.disturber = Cell().disturber; }},
      {"memory", [](Cell& cell) { cell.memory = Cell().memory; }},
      {"range", [](Cell& cell) { cell.range = Cell().range; }},
      {"pagesize", [](Cell& cell) { cell.page_size = small_page; }},
      {"gate", [](Cell& cell) { cell.gate = Cell().gate; }},
      {"pin", [](Cell& cell) { cell.pin = "vmsplice"; }},
      {"breaker", [](Cell& cell) { cell.breaker = "truncate"; }},
      {"filesystem", [](Cell& cell) { cell.filesystem = "ext4"; }},
  };
  return all;
}

/// A gate that the pin does not use is no difference.
void tidy(Cell& cell) {
  const PinKind* const pin = PinRegistry::find(cell.pin);
  if (pin != nullptr && !pin->needs_gate) cell.gate = Cell().gate;
}

}  // namespace

std::vector<Simplification> simplifications(const Cell& cell) {
  std::vector<Simplification> found;
  for (const Axle& axle : axles()) {
    Cell simpler = cell;
    axle.simplify(simpler);
    tidy(simpler);
    if (simpler != cell && !skip_reason(simpler))
      found.push_back({std::string(axle.name), simpler});
  }
  return found;
}

std::vector<Cell> together(const Cell& cell, const std::vector<std::string>& axes) {
  std::vector<Cell> cells;
  Cell simpler = cell;
  for (const Axle& axle : axles()) {
    if (std::find(axes.begin(), axes.end(), axle.name) == axes.end()) continue;
    Cell next = simpler;
    axle.simplify(next);
    tidy(next);
    if (next == simpler || skip_reason(next)) continue;
    simpler = next;
    cells.push_back(simpler);
  }
  return cells;
}

std::string job_text(const Cell& cell, const std::string& comment) {
  return fmt::format(
      "# SPDX-License-Identifier: GPL-2.0\n"
      "# {}\n"
      "[smallest]\n"
      "kernel={}\n"
      "filesystem={}\n"
      "pagesize={}\n"
      "memory={}\n"
      "pin={}\n"
      "gate={}\n"
      "breaker={}\n"
      "range={}\n"
      "disturber={}\n",
      comment, cell.kernel, cell.filesystem, format_size(cell.page_size), cell.memory, cell.pin,
      cell.gate, cell.breaker, cell.range, cell.disturber);
}

}  // namespace daxbreak
