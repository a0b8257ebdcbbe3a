// SPDX-License-Identifier: GPL-2.0
#include "trial/breakers_pin.h"

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "pmem/mapping.h"
#include "trial/trial_mapping.h"
#include "workloads/memory/memory.h"
#include "workloads/pin/pin.h"

namespace daxbreak {

std::function<int(BreakTarget&)> arm_with_pin(const Cell& cell, const Layout& layout) {
  return [&pin_kind = *PinRegistry::find(cell.pin),
          &breaker_kind = *BreakerRegistry::find(cell.breaker),
          &memory = *MemoryRegistry::find(cell.memory), page_size = cell.page_size,
          stretch = layout.pinned](BreakTarget& target) {
    auto mapping = FileMapping::map(target.fd, page_size, memory.how);
    if (!mapping) return mapping.error().number;
    const std::span<std::byte> pinned{mapping->data() + stretch.offset, stretch.length};
    first_touch(memory, pinned.data());
    std::shared_ptr<Pin> pin = pin_kind.make();
    if (auto held = pin->hold({.memory = pinned, .gate = nullptr}); !held)
      return held.error().number;
    if (breaker_kind.last_reference)
      if (auto unmapped = mapping->unmap(); !unmapped) return unmapped.error().number;
    const int armed = breaker_kind.arm ? breaker_kind.arm(target) : 0;
    // Both go with the process, and not before: nothing runs destructors in it.
    static_cast<void>(new std::shared_ptr<Pin>(pin));
    static_cast<void>(new FileMapping(std::move(*mapping)));
    return armed;
  };
}

}  // namespace daxbreak
