// SPDX-License-Identifier: GPL-2.0
/// What a section with load= did, in a sentence. Pure but for the registries' content.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "result/measure.h"

namespace daxbreak {

/// Keys that have several values among some measurements, and which, as they were written.
using SweptValues = std::map<std::string, std::vector<std::string>>;

/// "Pinners: 2, each of which takes 4 pieces of 64k by vmsplice, ...; breakers: 1/2/4, by
/// punch-hole of 64k; 1 file of 4m on ext4, mapped by pages of 4k": from the settings that a
/// measurement was made with, and the values of what was swept.
[[nodiscard]] std::string setup_words(const MeasureRecord& record, const SweptValues& swept);

}  // namespace daxbreak
