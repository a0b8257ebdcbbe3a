// SPDX-License-Identifier: GPL-2.0
#include "kernel/bpf_messages.h"

#include <fmt/format.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace daxbreak {
namespace {

// libbpf's callback takes no context; the collector of the calling thread stands in for it.
thread_local std::string* collector = nullptr;

// The last of it: a verifier log ends with what it objects to.
constexpr std::size_t kKept = 2000;

int collect(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN || collector == nullptr) return 0;
  std::array<char, 4096> line{};
  std::vsnprintf(line.data(), line.size(), format, arguments);
  collector->append(line.data());
  if (collector->size() > kKept) collector->erase(0, collector->size() - kKept);
  return 0;
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
  std::string said = text_;
  while (!said.empty() && said.back() == '\n')
    said.pop_back();
  return Error{said.empty() ? doing : fmt::format("{} ({})", doing, said), std::abs(code)};
}

}  // namespace daxbreak
