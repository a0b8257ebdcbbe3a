// SPDX-License-Identifier: GPL-2.0
/// "Did you mean": the known word nearest to one that was mistyped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace daxbreak {

/// The candidate with the smallest edit distance to `word`, or "" if none is near enough to be a
/// likely slip (more than a third of its letters differ, and more than two).
[[nodiscard]] std::string nearest_word(std::string_view word,
                                       const std::vector<std::string>& candidates);

}  // namespace daxbreak
