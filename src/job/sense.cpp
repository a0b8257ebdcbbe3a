// SPDX-License-Identifier: GPL-2.0
#include "job/sense.h"

#include <algorithm>

#include "gate/gate.h"
#include "trial/layout.h"

namespace daxbreak {
namespace {

/// A name that nothing is registered under.
std::optional<std::string> unknown_name(const Cell& cell) {
  if (PinRegistry::find(cell.pin) == nullptr) return "this program has no pin " + cell.pin;
  if (BreakerRegistry::find(cell.breaker) == nullptr)
    return "this program has no breaker " + cell.breaker;
  if (DisturberRegistry::find(cell.disturber) == nullptr)
    return "this program has no disturber " + cell.disturber;
  if (MemoryRegistry::find(cell.memory) == nullptr)
    return "this program has no kind of memory " + cell.memory;
  const auto& ranges = range_kinds();
  if (std::none_of(ranges.begin(), ranges.end(),
                   [&](const RangeKind& one) { return one.name == cell.range; }))
    return "this program has no range " + cell.range;
  if (PinRegistry::find(cell.pin)->needs_gate && GateRegistry::find(cell.gate) == nullptr)
    return "this program has no gate " + cell.gate;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> skip_reason(const Cell& cell) {
  if (auto unknown = unknown_name(cell)) return unknown;
  const KnownCell known{.cell = cell,
                        .pin = *PinRegistry::find(cell.pin),
                        .breaker = *BreakerRegistry::find(cell.breaker),
                        .disturber = *DisturberRegistry::find(cell.disturber),
                        .memory = *MemoryRegistry::find(cell.memory)};
  for (const SenseRule& rule : sense_rules())
    if (rule.senseless(known)) return std::string(rule.reason);
  return std::nullopt;
}

bool can_wedge(const Cell& cell) {
  const BreakerKind* const breaker = BreakerRegistry::find(cell.breaker);
  const DisturberKind* const disturber = DisturberRegistry::find(cell.disturber);
  return breaker != nullptr && disturber != nullptr && can_wedge(*breaker, *disturber);
}

}  // namespace daxbreak
