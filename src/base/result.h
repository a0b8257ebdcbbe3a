// SPDX-License-Identifier: GPL-2.0
/// Errors as values: what was being done, and the errno it failed with.
#pragma once

#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace daxbreak {

/// A failure: `doing` says what was attempted, in words a person can act on ("mount /dev/pmem0 on
/// /mnt/ext4"); `number` is an errno value, or 0 where no system call is to blame.
struct Error {
  std::string doing;
  int number = 0;

  /// One sentence: "mount /dev/pmem0 on /mnt/ext4: No such device".
  [[nodiscard]] std::string message() const {
    return number == 0 ? doing : doing + ": " + std::strerror(number);
  }
};

/// An Error carrying the calling thread's current errno.
[[nodiscard]] inline Error errno_error(std::string doing) {
  const int saved = errno;
  return Error{std::move(doing), saved};
}

/// Either a T or an Error. `if (!r) return r.error();` is the idiom; `*r` without a check is a bug.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  [[nodiscard]] bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  [[nodiscard]] const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

/// The value of a Result<void> that succeeded.
[[nodiscard]] inline Result<void> ok() {
  return {};
}

}  // namespace daxbreak
