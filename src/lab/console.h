// SPDX-License-Identifier: GPL-2.0
/// What a guest said on its serial console.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace daxbreak {

/// Text of a serial console as lines: carriage returns, terminal escapes and other control bytes
/// removed, empty lines dropped. Pure.
[[nodiscard]] std::vector<std::string> console_lines(std::string_view raw);

/// What the console says about the kernel's health.
enum class Health {
  well,   ///< nothing
  oops,   ///< one of the kernel's lines is_fatal(): it lives on, or did for a while
  panic,  ///< "Kernel panic - not syncing"
};

/// Judges console lines by is_fatal() of kernel/log.h. Pure. WARNINGs are the log oracle's
/// business, not this one's.
[[nodiscard]] Health health_of(const std::vector<std::string>& lines);

/// The lines that explain a bad end: from a little before the first fatal one, else the last ones;
/// at most `limit`. Pure.
[[nodiscard]] std::vector<std::string> telling_lines(const std::vector<std::string>& lines,
                                                     std::size_t limit);

/// The file QEMU writes the console to.
class Console {
 public:
  Console() = default;
  explicit Console(std::filesystem::path path) : path_(std::move(path)) {}
  /// All lines so far; none if nothing was written yet.
  [[nodiscard]] std::vector<std::string> lines() const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace daxbreak
