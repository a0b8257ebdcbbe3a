// SPDX-License-Identifier: GPL-2.0
/// The switches that `run`, `matrix` and `census` share.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "job/job_file.h"
#include "report/fio_log.h"
#include "report/tally.h"

namespace daxbreak {

/// Everything the command line says about a run.
struct RunOptions {
  std::string job_file;
  std::vector<std::string> sections;
  std::map<std::string, std::string> keys;  ///< job key -> value, of those that were given
  std::vector<std::string> kernels;         ///< --kernel, as typed
  std::vector<std::string> directories;     ///< --directory, as typed
  bool lab = false;                         ///< the lab, whatever the job file says
  std::string modules;                      ///< of the user's own kernel
  std::string append;
  std::string output;  ///< file for the report; "" is standard output
  std::string format = "normal";
  FioLogOptions logs;
  std::string events;  ///< file for the raw event stream
  std::string expect = "pass";
  std::string shard;         ///< --shard, as typed; "" for everything
  bool census = false;       ///< measure a page's count in each state too
  bool allow_wedge = false;  ///< on this machine too, trials that may leave the kernel unusable
  bool quiet = false;
  bool fio = false;         ///< the guests need fio
  std::string cell;         ///< the id of the only cell to run; "" for those of the job file
  std::string bisect_cell;  ///< a cell to reduce instead of running jobs; "" for none
  std::string command;      ///< the command line, for the record

  [[nodiscard]] Expect expectation() const {
    return expect == "known" ? Expect::known : Expect::pass;
  }
  /// What wins over the job file.
  [[nodiscard]] std::vector<Override> overrides() const;
};

/// Adds --output, --output-format and --expect: what `report` has too.
void add_output_options(CLI::App& command, RunOptions& options);

/// Adds what says where to run: --kernel, --modules, --append, --directory, --lab.
void add_place_options(CLI::App& command, RunOptions& options);

/// Adds a switch for every key of job files that has none yet, and --section, --events, ...
void add_job_options(CLI::App& command, RunOptions& options);

}  // namespace daxbreak
