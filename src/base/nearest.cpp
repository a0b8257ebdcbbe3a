// SPDX-License-Identifier: GPL-2.0
#include "base/nearest.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdlib>

namespace daxbreak {
namespace {

/// Edit distance with swaps of neighbours (Damerau's optimal string alignment): "trunctae" is one
/// slip away from "truncate", as a person sees it. Letters differing in case are the same.
std::size_t distance(std::string_view left, std::string_view right) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  const std::size_t columns = right.size() + 1;
  std::vector<std::size_t> table((left.size() + 1) * columns);
  const auto at = [&](std::size_t row, std::size_t column) -> std::size_t& {
    return table[(row * columns) + column];
  };
  for (std::size_t row = 0; row <= left.size(); ++row)
    at(row, 0) = row;
  for (std::size_t column = 0; column < columns; ++column)
    at(0, column) = column;
  for (std::size_t row = 1; row <= left.size(); ++row) {
    for (std::size_t column = 1; column < columns; ++column) {
      const std::size_t change = same(left[row - 1], right[column - 1]) ? 0 : 1;
      std::size_t best = std::min(
          {at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + change});
      if (row > 1 && column > 1 && same(left[row - 1], right[column - 2]) &&
          same(left[row - 2], right[column - 1]))
        best = std::min(best, at(row - 2, column - 2) + 1);
      at(row, column) = best;
    }
  }
  return at(left.size(), right.size());
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  std::size_t least = 0;
  for (const std::string& candidate : candidates) {
    const std::size_t far = distance(word, candidate);
    if (best == nullptr || far < least) {
      best = &candidate;
      least = far;
    }
  }
  if (best == nullptr) return {};
  const std::size_t letters = std::max(word.size(), best->size());
  // Two slips in a word of two or three letters would make it any other word.
  if (least >= letters) return {};
  return least <= 2 || least * 3 <= letters ? *best : std::string();
}

}  // namespace daxbreak
