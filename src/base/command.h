// SPDX-License-Identifier: GPL-2.0
/// Other programs, run with a deadline.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace daxbreak {

/// How a program ended and what it said (standard output and error together).
struct CommandOutput {
  int exit_status = 0;  ///< exit code; 128 + signal where a signal ended it
  std::string text;
};

/// Runs argv[0] (found on PATH) with stdin from /dev/null and waits for it, killing its process
/// group at the deadline, or as soon as `stop` asks for it. An Error means it could not be started,
/// ran out of time (ETIMEDOUT) or was stopped (ECANCELED); a program that ran and failed is a
/// CommandOutput with exit_status != 0.
[[nodiscard]] Result<CommandOutput> run_command(const std::vector<std::string>& argv, Nanos limit,
                                                const std::stop_token& stop = {});

/// run_command() for programs whose failure is an error: the Error carries the last line it said.
[[nodiscard]] Result<std::string> require_command(const std::vector<std::string>& argv, Nanos limit,
                                                  const std::stop_token& stop = {});

/// The full path of a program on PATH (or in the sbin folders), or "" if it is not installed.
[[nodiscard]] std::string find_program(const std::string& name);

}  // namespace daxbreak
