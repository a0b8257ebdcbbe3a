// SPDX-License-Identifier: GPL-2.0
/// What a guest in exec mode says over the port: pieces of any bytes, each with its kind. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daxbreak {

enum class FrameKind : char {
  begun = 'b',   ///< the command has been started
  output = 'o',  ///< bytes of its standard output
  error = 'e',   ///< bytes of its standard error
  status = 's',  ///< it has ended; its exit status in decimal, 128 + signal where one ended it
  failed = 'f',  ///< it could not be started, and why
};

struct Frame {
  FrameKind kind = FrameKind::output;
  std::string bytes;

  bool operator==(const Frame&) const = default;
};

/// The frame as it goes over the wire: its kind, the length as eight hexadecimal digits, the bytes.
[[nodiscard]] std::string encode(const Frame& frame);

/// Puts frames together from whatever pieces a stream delivers.
class FrameReader {
 public:
  [[nodiscard]] std::vector<Frame> take(std::string_view bytes);
  /// True once something came that is no frame; nothing can be read any more.
  [[nodiscard]] bool garbled() const { return garbled_; }

 private:
  std::string partial_;
  bool garbled_ = false;
};

}  // namespace daxbreak
