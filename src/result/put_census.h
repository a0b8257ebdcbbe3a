// SPDX-License-Identifier: GPL-2.0
/// Censuses as they come in: what is measured again replaces what was measured before.
#pragma once

#include <vector>

#include "result/record.h"

namespace daxbreak {

/// Adds a census. A state that was measured again, after a boot that did not come to its end,
/// counts once; namespaces are counted by each machine at its end, and all of them stay.
void put_census(std::vector<CensusRecord>& censuses, CensusRecord census);

}  // namespace daxbreak
