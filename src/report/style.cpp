// SPDX-License-Identifier: GPL-2.0
#include "report/style.h"

#include <algorithm>
#include <cctype>

namespace daxbreak {
namespace {

/// SGR parameters (ECMA-48); the sixteen colours that every terminal's theme defines.
std::string_view code_of(Ink ink) {
  switch (ink) {
    case Ink::plain:
      return "";
    case Ink::strong:
      return "1";
    case Ink::faint:
      return "2";
    case Ink::good:
      return "32";
    case Ink::bad:
      return "1;31";
    case Ink::known:
      return "33";
    case Ink::doubt:
      return "35";
  }
  return "";
}

constexpr int default_width = 100;
constexpr int narrowest = 40;
constexpr int widest = 140;  // longer lines of prose are hard to read

}  // namespace

std::string Style::paint(Ink ink, std::string_view text) const {
  const std::string_view code = code_of(ink);
  if (!colour || code.empty() || text.empty()) return std::string(text);
  return "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m";
}

Style style_for(bool terminal, const char* no_colour, const char* locale, int columns) {
  Style style;
  style.colour = terminal && (no_colour == nullptr || *no_colour == '\0');
  std::string name = locale == nullptr ? "" : locale;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  style.utf8 = name.find("utf-8") != std::string::npos || name.find("utf8") != std::string::npos;
  style.width = columns <= 0 ? default_width : std::clamp(columns, narrowest, widest);
  return style;
}

}  // namespace daxbreak
