// SPDX-License-Identifier: GPL-2.0
/// Values that occur again and again, said once: tables of the HTML report's data.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "trial/timeline.h"

namespace daxbreak::html {

using Json = nlohmann::ordered_json;

/// Texts by number. Number 0 is the empty text.
class StringTable {
 public:
  StringTable() : numbers_{{"", 0}}, texts_{""} {}

  [[nodiscard]] std::size_t number(std::string_view text);
  [[nodiscard]] const std::vector<std::string>& all() const { return texts_; }

 private:
  std::map<std::string, std::size_t, std::less<>> numbers_;
  std::vector<std::string> texts_;
};

/// What an event looks like, its time aside. Tasks and pages are numbered within their trial.
struct EventShape {
  int kind = 0;            ///< EventKind, or omitted_kind
  std::size_t detail = 0;  ///< number of a text
  std::size_t task = 0;    ///< 0: none said
  std::size_t page = 0;    ///< 0: none said

  auto operator<=>(const EventShape&) const = default;
};

/// Stands for events that were left out; the detail says which.
inline constexpr int omitted_kind = -1;

/// Shapes by number.
class ShapeTable {
 public:
  [[nodiscard]] std::size_t number(const EventShape& shape);
  /// [[kind, detail, task, page], ...], zeros at the end left out.
  [[nodiscard]] Json json() const;

 private:
  std::map<EventShape, std::size_t> numbers_;
  std::vector<EventShape> shapes_;
};

}  // namespace daxbreak::html
