// SPDX-License-Identifier: GPL-2.0
/// Reads the fields of one JSON object and remembers the first thing that was wrong with it.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace daxbreak {

/// A view of one object of the stream; must not outlive the JSON. Keys that nobody asks for are
/// ignored, so that an older reader can read a newer writer. After the last field ask error().
class JsonReader {
 public:
  using Json = nlohmann::ordered_json;

  /// `what` names the object in messages: "cell", "trial".
  JsonReader(const Json& json, std::string what) : json_(json), what_(std::move(what)) {
    if (!json_.is_object()) fail("is not an object");
  }

  /// The value of a key that must be there; a default-constructed T once anything is wrong.
  template <class T>
  [[nodiscard]] T need(const char* key) {
    return read<T>(key, true).value_or(T{});
  }

  /// The value of a key that may be absent (or null).
  template <class T>
  [[nodiscard]] T take(const char* key, T fallback = T{}) {
    return read<T>(key, false).value_or(std::move(fallback));
  }

  /// The value of a key that may be absent, told apart from zero.
  template <class T>
  [[nodiscard]] std::optional<T> maybe(const char* key) {
    return read<T>(key, false);
  }

  /// The nested value, or nullptr. A mandatory one that is missing is the object's error.
  [[nodiscard]] const Json* child(const char* key, bool mandatory) {
    if (error_) return nullptr;
    const auto at = json_.find(key);
    if (at != json_.end() && !at->is_null()) return &*at;
    if (mandatory) fail(std::string("has no \"") + key + "\"");
    return nullptr;
  }

  /// Marks the object as wrong: "cell" + " " + `why`. The first complaint stays.
  void fail(const std::string& why) { fail_with(Error{what_ + " " + why}); }

  /// Takes over the error of a nested value.
  void fail_with(Error error) {
    if (!error_) error_ = std::move(error);
  }

  [[nodiscard]] bool good() const { return !error_; }
  [[nodiscard]] const Error& error() const { return *error_; }

 private:
  template <class T>
  std::optional<T> read(const char* key, bool mandatory) {
    const Json* value = child(key, mandatory);
    if (value == nullptr) return std::nullopt;
    auto converted = convert<T>(*value);
    if (!converted) fail(std::string("has a wrong \"") + key + "\": " + excerpt(*value));
    return converted;
  }

  template <class T>
  static std::optional<T> convert(const Json& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      if (!value.is_string()) return std::nullopt;
      return value.get<std::string>();
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!value.is_boolean()) return std::nullopt;
      return value.get<bool>();
    } else if constexpr (std::is_floating_point_v<T>) {
      if (!value.is_number()) return std::nullopt;
      return value.get<T>();
    } else {
      static_assert(std::is_integral_v<T>);
      // get<T>() would wrap silently; a number out of range is a wrong number.
      if (value.is_number_unsigned()) return narrow<T>(value.get<std::uint64_t>());
      if (value.is_number_integer()) return narrow<T>(value.get<std::int64_t>());
      return std::nullopt;
    }
  }

  template <class T, class From>
  static std::optional<T> narrow(From value) {
    if (!std::in_range<T>(value)) return std::nullopt;
    return static_cast<T>(value);
  }

  static std::string excerpt(const Json& value) {
    constexpr std::size_t enough = 40;
    std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
    if (text.size() > enough) text = text.substr(0, enough) + "...";
    return text;
  }

  const Json& json_;
  std::string what_;
  std::optional<Error> error_;
};

}  // namespace daxbreak
