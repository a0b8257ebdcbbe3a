// SPDX-License-Identifier: GPL-2.0
#include "lab/frames.h"

#include <fmt/format.h>

#include <charconv>

namespace daxbreak {
namespace {

constexpr std::size_t digits = 8;
constexpr std::size_t head = 1 + digits;
constexpr std::uint32_t longest = 16U << 20U;
constexpr std::string_view kinds = "boesf";

}  // namespace

std::string encode(const Frame& frame) {
  return fmt::format("{}{:08x}", static_cast<char>(frame.kind), frame.bytes.size()) + frame.bytes;
}

std::vector<Frame> FrameReader::take(std::string_view bytes) {
  std::vector<Frame> frames;
  partial_ += bytes;
  std::string_view rest = partial_;
  while (!garbled_ && rest.size() >= head) {
    constexpr int hexadecimal = 16;
    std::uint32_t length = 0;
    const char* const end = rest.data() + head;
    const auto parsed = std::from_chars(rest.data() + 1, end, length, hexadecimal);
    garbled_ = parsed.ptr != end || length > longest || kinds.find(rest[0]) == kinds.npos;
    if (garbled_ || rest.size() - head < length) break;
    frames.push_back({static_cast<FrameKind>(rest[0]), std::string(rest.substr(head, length))});
    rest.remove_prefix(head + length);
  }
  partial_ = garbled_ ? std::string() : std::string(rest);
  return frames;
}

}  // namespace daxbreak
