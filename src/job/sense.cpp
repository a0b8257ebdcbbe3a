// SPDX-License-Identifier: GPL-2.0
#include "job/sense.h"

#include "gate/gate.h"
#include "workloads/breaker/breaker.h"
#include "workloads/disturber/disturber.h"
#include "workloads/pin/pin.h"

namespace daxbreak {

std::optional<std::string> skip_reason(const Cell& cell) {
  const PinKind* pin = PinRegistry::find(cell.pin);
  if (pin == nullptr) return "this program has no pin " + cell.pin;
  if (BreakerRegistry::find(cell.breaker) == nullptr)
    return "this program has no breaker " + cell.breaker;
  if (DisturberRegistry::find(cell.disturber) == nullptr)
    return "this program has no disturber " + cell.disturber;
  if (pin->must_be_refused && cell.disturber != "none")
    return "a refused pin holds nothing, so there is no wait to disturb";
  if (!pin->needs_gate && cell.gate != Cell{}.gate)
    return "this pin needs no gate, so another gate changes nothing";
  if (pin->needs_gate && GateRegistry::find(cell.gate) == nullptr)
    return "this program has no gate " + cell.gate;
  return std::nullopt;
}

}  // namespace daxbreak
