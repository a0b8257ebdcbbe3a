// SPDX-License-Identifier: GPL-2.0
/// Text in columns. Widths are in code points: nothing here prints wide or combining characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daxbreak {

/// Columns that a text without escape sequences takes.
[[nodiscard]] std::size_t text_width(std::string_view text);

/// The text, filled up with blanks on its right to `width` columns (longer ones stay).
[[nodiscard]] std::string pad(std::string_view text, std::size_t width);

/// The text cut to `width` columns, its end replaced by "~" where something is missing.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t width);

/// The words of a text in lines of at most `width` columns: the first line starts with `first`, all
/// others with `rest`. A word longer than a line is broken at commas, or left long.
[[nodiscard]] std::string wrap(std::string_view text, int width, std::string_view first,
                               std::string_view rest);

/// "0.8s", "45s", "2m10s", "1h02m".
[[nodiscard]] std::string format_span(double seconds);

/// "1 trial", "2 trials".
[[nodiscard]] std::string plural(std::size_t count, std::string_view noun);

/// "1,234,567".
[[nodiscard]] std::string thousands(std::uint64_t number);

/// "a", "a and b", "a, b and c".
[[nodiscard]] std::string enumerate(const std::vector<std::string>& items);

}  // namespace daxbreak
