// SPDX-License-Identifier: GPL-2.0
#include "base/proc.h"

#include <sstream>
#include <string>

#include "base/file.h"

namespace daxbreak {

Result<ProcessStat> parse_process_stat(std::string_view text) {
  // "pid (comm) state ppid pgrp ...": comm may hold anything, so count from its end.
  const auto close = text.rfind(')');
  if (close == std::string_view::npos) return Error{"read a process's stat: it is not one"};
  std::istringstream rest{std::string(text.substr(close + 1))};
  ProcessStat stat;
  std::string skipped;
  rest >> stat.state >> stat.parent >> stat.group;
  constexpr int group_field = 5;
  constexpr int flags_field = 9;
  constexpr int start_field = 22;
  for (int field = group_field + 1; field < flags_field; ++field)
    rest >> skipped;
  rest >> stat.flags;
  for (int field = flags_field + 1; field < start_field; ++field)
    rest >> skipped;
  rest >> stat.start;
  if (!rest) return Error{"read a process's stat: it is cut short"};
  return stat;
}

Result<ProcessStat> process_stat(const std::filesystem::path& folder) {
  auto text = read_file(folder / "stat");
  if (!text) return text.error();
  return parse_process_stat(*text);
}

Result<ProcessStat> process_stat(pid_t process) {
  return process_stat("/proc/" + std::to_string(process));
}

}  // namespace daxbreak
