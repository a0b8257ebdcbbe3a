// SPDX-License-Identifier: GPL-2.0
/// Few rows that hold every pair of values: what a full product would show of any two axes
/// together, at the price of a small part of it. Pure; knows nothing of cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace daxbreak {

/// Values that may not come together.
struct PairConstraint {
  std::vector<std::size_t> axes;  ///< the axes it is about, each once
  /// Whether these values of those axes, in that order, are allowed. Asked once for every
  /// combination of them.
  std::function<bool(std::span<const std::size_t>)> allows;
};

/// Rows, and what they cover.
struct PairCover {
  std::vector<std::vector<std::size_t>> rows;  ///< one value of each axis; all constraints hold
  std::size_t pairs = 0;       ///< pairs of values that occur in any allowed row: all are covered
  std::size_t impossible = 0;  ///< pairs that occur in none
};

/// Rows over axes of `sizes` values (value = 0 .. size - 1) such that every pair of values of two
/// axes that occurs in any row that all constraints allow occurs in at least one chosen row.
/// Greedy, after AETG (Cohen, Dalal, Fredman, Patton: "The AETG System", IEEE TSE 23(7), 1997): of
/// several random candidates for the next row the one that covers most new pairs, so the first rows
/// cover the most. The same seed gives the same rows on every machine.
[[nodiscard]] PairCover cover_pairs(std::span<const std::size_t> sizes,
                                    std::span<const PairConstraint> constraints,
                                    std::uint64_t seed);

}  // namespace daxbreak
