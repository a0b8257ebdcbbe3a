// SPDX-License-Identifier: GPL-2.0
/// One command in one freshly booted kernel.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lab/lab.h"

namespace daxbreak {

/// What to run in a guest.
struct ExecCommand {
  std::vector<std::string> words;           ///< the program is looked for among `put`, then on PATH
  std::vector<std::filesystem::path> put;   ///< files of the host; with their libraries, in /put
  std::string filesystem = "ext4";          ///< whose mount is the working directory
  Nanos limit = std::chrono::seconds(120);  ///< for the command, from its start
  std::function<void(std::string_view)> output;  ///< gets its standard output as it comes
  std::function<void(std::string_view)> error;   ///< gets its standard error
};

/// How it ended.
struct ExecResult {
  enum class End {
    exited,   ///< the command ended: `status`
    died,     ///< the kernel did
    overdue,  ///< neither, in time
  };
  End end = End::exited;
  int status = 0;                    ///< of the command, 128 + signal where one ended it
  std::vector<std::string> console;  ///< the telling lines, if it did not end
  std::string accelerator;           ///< that the machine ran with
};

/// Boots the first kernel of the options, runs the command there, ends the machine. An Error if the
/// command was not even started.
[[nodiscard]] Result<ExecResult> lab_exec(const LabOptions& options, const ExecCommand& command,
                                          const std::stop_token& stop);

}  // namespace daxbreak
