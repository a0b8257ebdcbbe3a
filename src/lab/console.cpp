// SPDX-License-Identifier: GPL-2.0
#include "lab/console.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "kernel/log.h"

namespace daxbreak {
namespace {

bool is_panic(std::string_view line) {
  return line.find("Kernel panic - not syncing") != std::string_view::npos;
}

/// Of the kernel's own lines, which are those with a time stamp ("[    1.0] ", and the caller's too
/// with CONFIG_PRINTK_CALLER): programs write to the console as well, and may quote anything.
bool is_oops(std::string_view line) {
  if (!line.starts_with('[')) return false;
  const auto stamp = line.find("] ");
  return stamp != std::string_view::npos && is_fatal(line.substr(stamp + 2));
}

bool is_final(unsigned char byte) {
  return byte >= 0x40 && byte <= 0x7e;
}

/// Skips a terminal escape sequence that starts at `at` (ECMA-48 CSI, or two bytes).
std::size_t after_escape(std::string_view raw, std::size_t at) {
  if (at + 1 >= raw.size() || raw[at + 1] != '[') return at + 2;
  at += 2;
  while (at < raw.size() && !is_final(static_cast<unsigned char>(raw[at])))
    ++at;
  return at + 1;
}

}  // namespace

std::vector<std::string> console_lines(std::string_view raw) {
  std::vector<std::string> lines;
  std::string line;
  const auto finish = [&] {
    if (!line.empty()) lines.push_back(std::exchange(line, {}));
  };
  for (std::size_t at = 0; at < raw.size();) {
    const auto byte = static_cast<unsigned char>(raw[at]);
    if (byte == 0x1b) {
      at = after_escape(raw, at);
      continue;
    }
    if (byte == '\n') finish();
    if (byte == '\t') line += ' ';
    if (byte >= 0x20 && byte != 0x7f) line += raw[at];
    ++at;
  }
  finish();
  return lines;
}

Health health_of(const std::vector<std::string>& lines) {
  if (std::any_of(lines.begin(), lines.end(), is_panic)) return Health::panic;
  return std::any_of(lines.begin(), lines.end(), is_oops) ? Health::oops : Health::well;
}

std::vector<std::string> telling_lines(const std::vector<std::string>& lines, std::size_t limit) {
  if (lines.size() <= limit) return lines;
  constexpr std::size_t lead = 4;
  const auto fatal = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
    return is_oops(line) || is_panic(line);
  });
  const auto first = static_cast<std::size_t>(fatal - lines.begin());
  const auto tail = lines.size() - limit;
  const auto from = std::min(tail, first > lead ? first - lead : 0);
  const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(from);
  return {begin, begin + static_cast<std::ptrdiff_t>(limit)};
}

std::vector<std::string> Console::lines() const {
  const auto raw = read_file(path_);
  return raw ? console_lines(*raw) : std::vector<std::string>{};
}

}  // namespace daxbreak
