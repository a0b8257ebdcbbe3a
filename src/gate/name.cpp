// SPDX-License-Identifier: GPL-2.0
#include "gate/name.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>

#include "base/file.h"
#include "base/proc.h"

namespace daxbreak {
namespace {

constexpr std::string_view prefix = "daxbreak-";

// The number a text starts with, which is taken off it.
std::optional<std::uint64_t> take_number(std::string_view& text, int base = 10) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (failure != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool kill_pending(std::string_view status) {
  constexpr std::uint64_t kill_bit = 1ULL << (SIGKILL - 1);
  for (const std::string_view field : {"SigPnd:\t", "ShdPnd:\t"}) {
    const std::size_t at = status.find(field);
    if (at == std::string_view::npos) continue;
    std::string_view mask = status.substr(at + field.size());
    if ((take_number(mask, 16).value_or(0) & kill_bit) != 0) return true;
  }
  return false;
}

}  // namespace

std::string new_gate_name() {
  static std::atomic<unsigned> next{0};
  return fmt::format("{}{}-{}", prefix, ::getpid(), next++);
}

std::optional<pid_t> gate_creator(std::string_view name) {
  if (name.substr(0, prefix.size()) != prefix) return std::nullopt;
  name.remove_prefix(prefix.size());
  const auto process = take_number(name);
  if (!process || name.empty() || name.front() != '-') return std::nullopt;
  name.remove_prefix(1);
  if (!take_number(name) || !name.empty()) return std::nullopt;
  return static_cast<pid_t>(*process);
}

bool is_dying(std::string_view stat, std::string_view status) {
  constexpr std::uint64_t pf_exiting = 0x4;  // include/linux/sched.h, PF_EXITING
  const auto fields = parse_process_stat(stat);
  if (!fields) return false;
  return fields->ended() || (fields->flags & pf_exiting) != 0 || kill_pending(status);
}

bool process_gone(pid_t process) {
  if (::kill(process, 0) != 0 && errno == ESRCH) return true;
  const auto stat = read_file(fmt::format("/proc/{}/stat", process));
  const auto status = read_file(fmt::format("/proc/{}/status", process));
  // Unreadable: it ended meanwhile, or it is somebody's whom we may not see.
  if (!stat || !status) return ::kill(process, 0) != 0 && errno == ESRCH;
  return is_dying(*stat, *status);
}

}  // namespace daxbreak
