// SPDX-License-Identifier: GPL-2.0
/// How text may look where it goes to: colours, characters, width.
#pragma once

#include <string>
#include <string_view>

namespace daxbreak {

/// What a piece of text means; the colour follows from it.
enum class Ink { plain, strong, faint, good, bad, known, doubt };

/// What the reader's device can show. The default suits a file.
struct Style {
  int width = 100;      ///< columns; text is wrapped to it, tables are split by it
  bool colour = false;  ///< ANSI colours
  bool utf8 = false;    ///< more than ASCII

  /// The text in its colour, or as it is.
  [[nodiscard]] std::string paint(Ink ink, std::string_view text) const;
};

/// The style for a stream. `no_colour` and `locale` are the values of NO_COLOR (no-color.org: any
/// non-empty one forbids colours) and of LC_ALL, LC_CTYPE or LANG; null where unset. `columns` is
/// the terminal's width, 0 if unknown. Pure: the caller asks isatty(3) and the environment.
[[nodiscard]] Style style_for(bool terminal, const char* no_colour, const char* locale,
                              int columns);

}  // namespace daxbreak
