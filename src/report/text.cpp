// SPDX-License-Identifier: GPL-2.0
#include "report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace daxbreak {
namespace {

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// Words, and of a word that is too long the parts between its commas.
std::vector<std::string_view> words_of(std::string_view text, std::size_t longest) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto start = text.find_first_not_of(" \t\n");
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    const std::string_view word = text.substr(0, text.find_first_of(" \t\n"));
    text.remove_prefix(word.size());
    words.push_back(word);
    while (text_width(words.back()) > longest) {
      const std::string_view whole = words.back();
      const auto comma = whole.rfind(',', longest - 1);
      if (comma == std::string_view::npos || comma + 1 == whole.size()) break;
      words.back() = whole.substr(0, comma + 1);
      words.push_back(whole.substr(comma + 1));
    }
  }
  return words;
}

}  // namespace

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string pad(std::string_view text, std::size_t width) {
  std::string padded(text);
  const std::size_t has = text_width(text);
  if (has < width) padded.append(width - has, ' ');
  return padded;
}

std::string shorten(std::string_view text, std::size_t width) {
  if (text_width(text) <= width) return std::string(text);
  if (width == 0) return "";
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end)
    if (starts_character(text[end]) && ++seen == width) break;
  return std::string(text.substr(0, end)) + "~";
}

std::string wrap(std::string_view text, int width, std::string_view first, std::string_view rest) {
  const auto columns = static_cast<std::size_t>(std::max(width, 20));
  const std::size_t room = columns - std::min(columns - 10, text_width(rest));
  std::string out;
  std::string line(first);
  bool fresh = true;
  for (const std::string_view word : words_of(text, room)) {
    const std::size_t blank = fresh ? 0 : 1;
    if (!fresh && text_width(line) + blank + text_width(word) > columns) {
      out += line + "\n";
      line = rest;
      fresh = true;
    }
    if (!fresh) line += ' ';
    line += word;
    fresh = false;
  }
  return out + line + "\n";
}

std::string format_span(double seconds) {
  constexpr double minute = 60;
  constexpr double hour = 3600;
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  if (seconds < 9.95) return fmt::format("{:.1f}s", seconds);
  const auto whole = std::llround(seconds);
  if (seconds < minute - 0.5) return fmt::format("{}s", whole);
  if (seconds < hour - 0.5) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
  return fmt::format("{}h{:02}m", whole / 3600, whole % 3600 / 60);
}

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string thousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string enumerate(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? " and " : ", ";
    text += items[i];
  }
  return text;
}

}  // namespace daxbreak
