// SPDX-License-Identifier: GPL-2.0
/// The words of a scheme's signature.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/scheme.h"

namespace daxbreak {

/// "a|b" -> {"a", "b"}.
[[nodiscard]] inline std::vector<std::string> alternatives(std::string_view word) {
  std::vector<std::string> names;
  for (std::size_t from = 0; from <= word.size();) {
    const auto end = std::min(word.find('|', from), word.size());
    names.emplace_back(word.substr(from, end - from));
    from = end + 1;
  }
  return names;
}

/// True for "struct.member" (a BTF member), false for "function" (a symbol).
[[nodiscard]] inline bool is_member(std::string_view name) {
  return name.find('.') != std::string_view::npos;
}

/// What keeps the facts from matching the scheme, in words; "" if they match. With `symbols_only`
/// the words that ask about members are taken as met.
[[nodiscard]] std::string objection(const Scheme& scheme, const KernelFacts& facts,
                                    bool symbols_only);

}  // namespace daxbreak
