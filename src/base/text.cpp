// SPDX-License-Identifier: GPL-2.0
#include "base/text.h"

#include <algorithm>

namespace daxbreak {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    if (const auto piece = trim(text.substr(at, end - at)); !piece.empty()) pieces.push_back(piece);
    at = end + 1;
  }
  return pieces;
}

}  // namespace daxbreak
