// SPDX-License-Identifier: GPL-2.0
#include "trial/making.h"

#include <string_view>

#include "trial/layout.h"
#include "trial/spans.h"
#include "workloads/breaker/breaker.h"
#include "workloads/disturber/disturber.h"
#include "workloads/memory/memory.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

std::string_view name_of(PinFlow flow) {
  switch (flow) {
    case PinFlow::from_page:
      return "from_page";
    case PinFlow::to_page:
      return "to_page";
    case PinFlow::none:
      return "none";
  }
  return "none";
}

/// Whether the broken range holds the pinned page, and that is a page of the file.
bool hits_pinned_page(const Cell& cell, const MemoryKind& memory) {
  return memory.file_page && cell.range == range_kinds().front().name;
}

}  // namespace

void describe_making(const Cell& cell, const TrialSetup& setup, Timeline& timeline) {
  const PinKind& pin = *PinRegistry::find(cell.pin);
  const BreakerKind& breaker = *BreakerRegistry::find(cell.breaker);
  const DisturberKind& disturber = *DisturberRegistry::find(cell.disturber);
  const MemoryKind& memory = *MemoryRegistry::find(cell.memory);
  timeline.deadline = span::stretched(span::break_limit, setup.patience);
  timeline.file_page = memory.file_page;
  timeline.frees_page = breaker.takes == Takes::yes && hits_pinned_page(cell, memory);
  timeline.must_be_refused = pin.must_be_refused;
  timeline.transient = pin.transient;
  timeline.refusable = breaker.may_be_refused;
  timeline.ends_breaker = disturber.ends_breaker == EndsBreaker::died;
  timeline.interrupts = disturber.ends_breaker == EndsBreaker::interrupted;
  timeline.bystander_must_not_wait = disturber.bystander_must_not_wait;
  timeline.unmaps = disturber.unmaps;
  timeline.foll_pin =
      pin.flavour == Flavour::pin || (pin.flavour == Flavour::odirect && setup.odirect_is_foll_pin);
  const bool countable = pin.flavour != Flavour::other && memory.file_page &&
                         !disturber.pin_in_breaker && !memory.clone_mapped;
  timeline.references = countable ? static_cast<int>(pin.references) : 0;
  timeline.pinned_pages = static_cast<int>(pin.pages);
  timeline.pin_flow = name_of(pin.flow);
  timeline.observer_gap = setup.observer_gap;
}

}  // namespace daxbreak
