// SPDX-License-Identifier: GPL-2.0
#include "cli/say.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace daxbreak {

void complain(std::string_view sentence) {
  fmt::print(stderr, "daxbreak: {}\n", sentence);
}

int failed(const Error& error, int status) {
  complain(error.message());
  return status;
}

std::string columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t at = 0; at < row.size(); ++at)
      widths[at] = std::max(widths[at], row[at].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t at = 0; at < row.size(); ++at)
      line += at + 1 == row.size() ? row[at] : fmt::format("{:<{}}  ", row[at], widths[at]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace daxbreak
