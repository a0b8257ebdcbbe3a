// SPDX-License-Identifier: GPL-2.0
/// Small cuts of text that files of `key = value` lines and lists need.
#pragma once

#include <string_view>
#include <vector>

namespace daxbreak {

/// The white space that trim() takes off.
constexpr std::string_view blanks = " \t\r\n";

/// The text without white space at its ends. A view into `text`.
[[nodiscard]] std::string_view trim(std::string_view text);

/// The pieces between separators (any of the characters of `separators`), each trimmed; empty ones
/// are left out. Views into `text`.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text,
                                                  std::string_view separators);

}  // namespace daxbreak
