// SPDX-License-Identifier: GPL-2.0
#include "cli/run_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/report_formats.h"
#include "trial/cell.h"

namespace daxbreak {

std::vector<Override> RunOptions::overrides() const {
  std::vector<Override> all;
  for (const auto& [name, value] : keys) {
    std::string key = name;
    std::replace(key.begin(), key.end(), '_', '-');  // as a switch is typed
    if (!value.empty()) all.emplace_back(key, value);
  }
  if (const auto only = parse_cell(cell); !cell.empty() && only) {
    all.insert(all.end(), {{"filesystem", only->filesystem},
                           {"pagesize", std::to_string(only->page_size)},
                           {"memory", only->memory},
                           {"pin", only->pin},
                           {"gate", only->gate},
                           {"breaker", only->breaker},
                           {"range", only->range},
                           {"disturber", only->disturber},
                           {"cover", "product"}});
  }
  if (!kernels.empty()) all.emplace_back("kernel", fmt::format("{}", fmt::join(kernels, ",")));
  return all;
}

namespace {

void add_fio_log_options(CLI::App& command, FioLogOptions& logs) {
  const auto prefix = [&](const char* name, std::string& to, const char* files) {
    command.add_option(name, to, files)->type_name("PREFIX")->group("Logs in fio's format");
  };
  prefix("--write_lat_log", logs.latency,
         "write PREFIX_{slat,clat,lat}.N.log, N a job of the JSON");
  prefix("--write_bw_log", logs.bandwidth, "write PREFIX_bw.N.log");
  prefix("--write_iops_log", logs.iops, "write PREFIX_iops.N.log");
  prefix("--write_hist_log", logs.histogram, "write PREFIX_clat_hist.N.log");
  command.add_option("--log_avg_msec", logs.average_ms, "average over so long (0: log everything)")
      ->type_name("MSEC")
      ->capture_default_str()
      ->group("Logs in fio's format");
  command.add_option("--log_hist_msec", logs.histogram_ms, "one histogram for so long")
      ->type_name("MSEC")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Logs in fio's format");
}

}  // namespace

void add_output_options(CLI::App& command, RunOptions& options) {
  command.add_option("--output", options.output, "write the report there")
      ->type_name("FILE")
      ->group("Output");
  command.add_option("--output-format", options.format, "of " + report_format_help())
      ->type_name("FORMAT,...")
      ->capture_default_str()
      ->group("Output");
  command
      .add_option("--expect", options.expect,
                  "known: findings that known-findings explains do not fail the run")
      ->check(CLI::IsMember({"pass", "known"}))
      ->group("Output");
  add_fio_log_options(command, options.logs);
}

void add_place_options(CLI::App& command, RunOptions& options) {
  command.add_option("--kernel", options.kernels, "a kernel of the catalogue, or a bzImage's path")
      ->type_name("NAME|FILE")
      ->take_all()
      ->allow_extra_args(false)
      ->group("Where");
  command.add_option("--modules", options.modules, "the modules of that bzImage (not if built in)")
      ->type_name("DIR")
      ->group("Where");
  command.add_option("--append", options.append, "more parameters for the kernels' command line")
      ->type_name("STRING")
      ->group("Where");
  CLI::Option* directory =
      command
          .add_option("--directory", options.directories,
                      "run on this machine, in this directory of a DAX mount (more than one: once "
                      "for each filesystem)")
          ->type_name("DIR")
          ->take_all()
          ->allow_extra_args(false)
          ->group("Where");
  command.add_flag("--lab", options.lab, "run in virtual machines (default without --directory)")
      ->excludes(directory)
      ->group("Where");
}

void add_job_options(CLI::App& command, RunOptions& options) {
  command.add_option("--section", options.sections, "run only this section of the job file")
      ->type_name("NAME")
      ->take_all()
      ->allow_extra_args(false)
      ->group("What");
  command
      .add_option("--shard", options.shard,
                  "run only every n-th cell, from the i-th on; `daxbreak merge` puts them together")
      ->type_name("i/n")
      ->group("What");
  command
      .add_flag("--census", options.census,
                "also measure a page's count in each of its states, and what a reference costs")
      ->group("What");
  command
      .add_flag("--allow-wedge", options.allow_wedge,
                "with --directory: also trials that may leave this machine's kernel unusable")
      ->group("What");
  for (const JobKey& key : job_keys()) {
    // --kernel and --directory have meanings of their own; the others make no sense for all jobs.
    if (key.value.empty() || key.name == "kernel" || key.name == "directory" ||
        key.name == "description" || key.name == "size")
      continue;
    std::string name = "--" + std::string(key.name);
    std::string dashed = name;
    std::replace(dashed.begin() + 2, dashed.end(), '_', '-');
    if (dashed != name) name = dashed + "," + name;
    command.add_option(name, options.keys[std::string(key.name)], std::string(key.help))
        ->type_name(std::string(key.value))
        ->group("Job keys (win over the file)");
  }
  command.add_option("--events", options.events, "keep the raw event stream there (JSON Lines)")
      ->type_name("FILE")
      ->group("Output");
  command.add_flag("--quiet,-q", options.quiet, "no progress")->group("Output");
}

}  // namespace daxbreak
