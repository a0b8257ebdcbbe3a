// SPDX-License-Identifier: GPL-2.0
#include "trial/cell.h"

#include <fmt/format.h>

#include "base/units.h"

namespace daxbreak {

std::string Cell::id() const {
  const std::string hold = gate == "dm" ? pin : pin + "@" + gate;
  return fmt::format("{}/{}/{}/{}/{}", filesystem, format_size(page_size), hold, breaker,
                     disturber);
}

}  // namespace daxbreak
