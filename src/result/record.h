// SPDX-License-Identifier: GPL-2.0
/// What a run leaves behind: the values that go over the event stream, into files and reports.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kernel/census.h"
#include "oracle/verdict.h"
#include "result/measure.h"
#include "trial/timeline.h"

namespace daxbreak {

/// What taking a reference on a page and dropping it costs, nanoseconds for each page.
struct PinCost {
  std::string memory;  ///< "DAX" or "anonymous"
  double ns = 0;       ///< median of the repetitions
  double least_ns = 0;
  double most_ns = 0;
};

/// Where the trials of one kernel ran. Goes into every result.
struct Environment {
  std::string kernel;   ///< catalogue name, or "running"
  std::string release;  ///< uname -r
  std::string version;  ///< package version ("6.1.192-2"), or uname -v
  std::string origin;   ///< "Debian bookworm linux-image-amd64", "file bzImage", "this machine"
  std::string scheme;   ///< scheme name as detected
  std::string scheme_title;
  std::string live_probe;  ///< what the counts of a page were, and whether the scheme agrees
  std::string
      accelerator;  ///< "kvm", "tcg", or "none" for bare metal; timings under tcg are marked
  std::string clock_source;                   ///< what CLOCK_MONOTONIC reads there: "tsc", "hpet"
  std::string observer;                       ///< "" if it runs, else why not
  std::vector<std::string> observer_missing;  ///< optional hooks that could not be probed
  std::map<std::string, std::string> filesystems;  ///< "ext4" -> "on /dev/pmem0, MAP_SYNC, ..."
  std::vector<PinCost> pin_costs;                  ///< where they were measured
};

/// A judged trial.
struct TrialRecord {
  std::uint64_t index = 0;  ///< of the cell within the kernel's plan
  Timeline timeline;
  Verdict verdict;
  int attempts = 1;    ///< how often the cell was run: suspects are rerun alone
  int came_back = 0;   ///< in how many attempts the finding was there
  double seconds = 0;  ///< wall time of all attempts
};

/// A histogram of page counts with what it was taken of.
struct CensusRecord {
  std::string kernel;
  std::string subject;  ///< "ext4 namespace, end of run"; "file: mapped by one process"
  std::string state;    ///< row of the census table, where it is one
  Census histogram;
  bool idle_expected = false;  ///< every page must be at the scheme's idle count
  std::int32_t idle = -1;      ///< which is this; -1 where the writer did not say
};

/// A boot of the lab that ended otherwise than planned, or a kernel that could not be had.
struct Incident {
  std::string kernel;
  std::string what;  ///< "panic", "kernel-oops", "silence", "wedge", "missing", "harness"
  std::string sentence;
  std::vector<std::string> console;  ///< last lines
  /// Nothing was lost by it: a boot that came to no trial, and the next did what it was to do.
  bool made_good = false;
};

/// A section of the job whose cells were chosen so that every pair of values occurs.
struct CoverRecord {
  std::string job;         ///< the section
  std::uint64_t seed = 1;  ///< of the choice
  std::uint64_t cells = 0;
  std::uint64_t pairs = 0;  ///< that the cells cover

  auto operator<=>(const CoverRecord&) const = default;
};

/// Which cells a run was to run. A trial's index is its place among all of them, in every shard.
struct PlanRecord {
  std::string job;                  ///< the job file's name; "" if the writer did not say
  std::string fingerprint;          ///< of all cells and their order; equal only for the same plan
  std::uint64_t cells = 0;          ///< of the whole plan, on each kernel at most
  unsigned of = 1;                  ///< into how many shards they were divided
  std::vector<unsigned> shards{1};  ///< which of those this is, ascending, from 1
  std::vector<CoverRecord> covers;
  std::map<std::string, std::string> sections;  ///< name -> what it is for, where it says

  auto operator<=>(const PlanRecord&) const = default;
};

/// Everything known of one run.
struct RunRecord {
  std::string command;  ///< the command line that made it
  std::string started;  ///< ISO 8601, UTC
  PlanRecord plan;
  double seconds = 0;                     ///< wall time
  std::map<std::string, double> phases;   ///< where it went: "fetch", "boot", "trials", ...
  std::vector<Environment> environments;  ///< one per kernel, in the order asked for
  std::vector<TrialRecord> trials;
  std::vector<CensusRecord> censuses;
  std::vector<Incident> incidents;
  std::vector<MeasureRecord> measures;
};

/// True if a machine or a kernel is missing that something was to be measured on.
[[nodiscard]] inline bool lost_something(const RunRecord& run) {
  return std::any_of(run.incidents.begin(), run.incidents.end(),
                     [](const Incident& incident) { return !incident.made_good; });
}

}  // namespace daxbreak
