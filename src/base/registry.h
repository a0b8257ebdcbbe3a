// SPDX-License-Identifier: GPL-2.0
/// Tables that fill themselves: a new pin, breaker, disturber or gate is one new file.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace daxbreak {

/// The entries of one axis, each registered by the file that defines it before main() runs.
/// Entry needs a `name` member (std::string_view) that is unique within its axis.
template <class Entry>
class Registry {
 public:
  /// Every entry, sorted by name, so that no output depends on link order.
  [[nodiscard]] static const std::vector<Entry>& all() { return entries(); }

  /// The entry of that name, or nullptr.
  [[nodiscard]] static const Entry* find(std::string_view name) {
    for (const Entry& entry : entries())
      if (entry.name == name) return &entry;
    return nullptr;
  }

  /// A static object of this type in the defining file registers the entry.
  struct Add {
    explicit Add(Entry entry) {
      auto& table = entries();
      const auto at = std::lower_bound(
          table.begin(), table.end(), entry,
          [](const Entry& left, const Entry& right) { return left.name < right.name; });
      table.insert(at, std::move(entry));
    }
  };

 private:
  // The one function-local static: filled before main(), constant ever after.
  static std::vector<Entry>& entries() {
    static std::vector<Entry> table;
    return table;
  }
};

}  // namespace daxbreak
