// SPDX-License-Identifier: GPL-2.0
#include "result/put_census.h"

#include <algorithm>
#include <utility>

namespace daxbreak {

void put_census(std::vector<CensusRecord>& censuses, CensusRecord census) {
  const auto same = [&](const CensusRecord& one) {
    return !one.state.empty() && one.state == census.state && one.subject == census.subject &&
           one.kernel == census.kernel;
  };
  const auto at = std::find_if(censuses.begin(), censuses.end(), same);
  if (at == censuses.end())
    censuses.push_back(std::move(census));
  else
    *at = std::move(census);
}

}  // namespace daxbreak
