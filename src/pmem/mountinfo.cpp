// SPDX-License-Identifier: GPL-2.0
#include "pmem/mountinfo.h"

#include <algorithm>
#include <charconv>

#include "base/file.h"
#include "base/text.h"

namespace daxbreak {
namespace {

template <class Number>
bool to_number(std::string_view text, Number& number, int base = 10) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return failure == std::errc() && end == text.data() + text.size();
}

// Space, tab, newline and backslash come as three octal digits (fs/proc_namespace.c, mangle()).
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned code = 0;
    if (text[at] == '\\' && at + 3 < text.size() && to_number(text.substr(at + 1, 3), code, 8)) {
      plain += static_cast<char>(code);
      at += 3;
    } else {
      plain += text[at];
    }
  }
  return plain;
}

std::optional<Mount> parse_line(std::string_view line) {
  const auto words = split(line, " ");
  std::size_t dash = 6;  // optional fields stand between the sixth word and a lone dash
  while (dash < words.size() && words[dash] != "-")
    ++dash;
  if (dash + 3 >= words.size()) return std::nullopt;
  const auto device = split(words[2], ":");
  Mount mount;
  if (device.size() != 2 || !to_number(words[0], mount.id) || !to_number(device[0], mount.major) ||
      !to_number(device[1], mount.minor))
    return std::nullopt;
  mount.root = unescape(words[3]);
  mount.where = unescape(words[4]);
  mount.options = words[5];
  mount.filesystem = words[dash + 1];
  mount.source = unescape(words[dash + 2]);
  mount.super = words[dash + 3];
  return mount;
}

}  // namespace

std::vector<Mount> parse_mountinfo(std::string_view text) {
  std::vector<Mount> mounts;
  for (const std::string_view line : split(text, "\n"))
    if (auto mount = parse_line(line)) mounts.push_back(std::move(*mount));
  return mounts;
}

Result<std::vector<Mount>> list_mounts() {
  auto text = read_file("/proc/self/mountinfo");
  if (!text) return text.error();
  return parse_mountinfo(*text);
}

bool may_be_dax(const Mount& mount) {
  return (mount.filesystem == "ext4" || mount.filesystem == "xfs") &&
         mount.source.find("pmem") != std::string::npos;
}

bool has_option(std::string_view options, std::string_view option) {
  const auto words = split(options, ",");
  return std::ranges::find(words, option) != words.end();
}

}  // namespace daxbreak
