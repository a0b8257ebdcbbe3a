// SPDX-License-Identifier: GPL-2.0
/// Lists of known words in a value: "a,b", "all", "!c".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// A word of a list and how far into the value it begins.
struct ListWord {
  std::string_view text;  ///< blanks around it removed
  std::size_t offset = 0;
};

/// Splits at commas. An empty word between two commas stays, for the caller to complain about.
[[nodiscard]] std::vector<ListWord> split_list(std::string_view value);

/// `no pin is called "vmsplcie"; did you mean "vmsplice"?`, or the known names if none is near.
[[nodiscard]] std::string unknown_word(std::string_view what, std::string_view word,
                                       const std::vector<std::string>& known);

/// What was wrong with a list, and where in it.
struct ListError {
  std::string sentence;
  std::size_t offset = 0;
};

/// The known names that a list selects, without doubles: in the order written, those of `all` in
/// the order of `known`. A list of nothing but exclusions starts from all. `what` names the axis.
/// `unlisted` are known names that neither `all` nor an exclusion stands for: only by name.
/// On failure the result is empty and `error` says why.
[[nodiscard]] std::vector<std::string> choose_words(std::string_view value, std::string_view what,
                                                    const std::vector<std::string>& known,
                                                    ListError& error,
                                                    const std::vector<std::string>& unlisted = {});

}  // namespace daxbreak
