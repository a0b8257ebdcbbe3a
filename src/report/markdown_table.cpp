// SPDX-License-Identifier: GPL-2.0
#include "report/markdown_table.h"

#include <fmt/format.h>

#include <utility>

namespace daxbreak {

std::string in_cell(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|') safe += '\\';
    safe += c == '\n' ? ' ' : c;
  }
  return safe;
}

std::vector<KernelColumn> plain_columns(const std::vector<std::string>& kernels) {
  std::vector<KernelColumn> columns;
  for (const std::string& kernel : kernels)
    columns.push_back({.kernel = kernel, .title = kernel});
  return columns;
}

KernelTable::KernelTable(std::vector<KernelColumn> columns, std::string_view corner)
    : columns_(std::move(columns)), text_(corner.empty() ? "| |" : fmt::format("| {} |", corner)) {
  std::string rule = "|---|";
  for (const KernelColumn& column : columns_) {
    text_ += fmt::format(" {} |", in_cell(column.title));
    rule += "---|";
  }
  text_ += "\n" + rule + "\n";
}

void KernelTable::row(std::string_view what, const Cells& cells) {
  text_ += fmt::format("| {} |", in_cell(what));
  for (const KernelColumn& column : columns_)
    text_ += fmt::format(" {} |", in_cell(cells(column.kernel)));
  text_ += "\n";
}

}  // namespace daxbreak
