// SPDX-License-Identifier: GPL-2.0
#include "kernel/bpf_messages.h"

#include <fmt/format.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace daxbreak {
namespace {

// libbpf's callback takes no context; the collector of the calling thread stands in for it.
thread_local std::string* collector = nullptr;

constexpr std::size_t longest = 1 << 20;  // a verifier log comes as one message

int collect(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN || collector == nullptr) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length <= 0 || collector->size() > longest) return 0;
  std::string message(static_cast<std::size_t>(length) + 1, '\0');
  std::vsnprintf(message.data(), message.size(), format, arguments);
  message.pop_back();
  collector->append(message);
  return 0;
}

/// The one line of libbpf's words that says why: what the verifier objected to stands before its
/// statistics ("processed 12 insns ..."); elsewhere the last line counts.
std::string reason_in(const std::string& said) {
  std::istringstream lines(said);
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("processed ") && !last.empty()) return last;
    if (!line.empty() && line.find("-- BEGIN") == std::string::npos) last = line;
  }
  return last;
}

}  // namespace

BpfMessages::BpfMessages() : previous_(libbpf_set_print(collect)) {
  collector = &text_;
}

BpfMessages::~BpfMessages() {
  collector = nullptr;
  libbpf_set_print(previous_);
}

Error BpfMessages::error(const std::string& doing, int code) const {
  const std::string said = reason_in(text_);
  return Error{said.empty() ? doing : fmt::format("{} ({})", doing, said), std::abs(code)};
}

}  // namespace daxbreak
