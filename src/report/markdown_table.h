// SPDX-License-Identifier: GPL-2.0
/// Tables in Markdown that have the kernels of a run side by side. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace daxbreak {

/// What a cell, or an item of a list, may hold: the text on one line, its bars escaped.
[[nodiscard]] std::string in_cell(std::string_view text);

/// A column: the kernel, and what stands above it.
struct KernelColumn {
  std::string kernel;
  std::string title;
};

/// Columns that bear the kernels' own names.
[[nodiscard]] std::vector<KernelColumn> plain_columns(const std::vector<std::string>& kernels);

/// A table in the making: what is asked down, the kernels across.
class KernelTable {
 public:
  /// What a row says of a kernel.
  using Cells = std::function<std::string(const std::string& kernel)>;

  /// `corner` is what the rows are about.
  explicit KernelTable(std::vector<KernelColumn> columns, std::string_view corner = "");

  void row(std::string_view what, const Cells& cells);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::vector<KernelColumn> columns_;
  std::string text_;
};

}  // namespace daxbreak
