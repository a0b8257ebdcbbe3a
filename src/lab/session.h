// SPDX-License-Identifier: GPL-2.0
/// Runs cells of one kernel to their end, over as many boots as that takes.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "lab/cell_queue.h"
#include "lab/kernel_fetch.h"
#include "lab/machine.h"
#include "result/record.h"
#include "run/runner.h"

namespace daxbreak {

/// What happens, as it happens. Any may be empty. The kernel is named by its catalogue name.
struct LabEvents {
  /// Something to tell a person once.
  std::function<void(const std::string& sentence)> note;
  /// A machine of this kernel has come to "boot", "provision", "trials".
  std::function<void(const std::string& kernel, const std::string& stage)> stage;
  std::function<void(const Environment&)> environment;  ///< once per kernel
  std::function<void(const std::string& kernel, const PlannedCell&)> trial_begin;
  std::function<void(const std::string& kernel, const TrialRecord&)> trial_end;
  std::function<void(const MeasureRecord&)> measure;
  std::function<void(const CensusRecord&)> census;
  std::function<void(const Incident&)> incident;
};

/// One session's orders.
struct SessionSpec {
  KernelImage image;
  std::filesystem::path initrd;
  std::string append;       ///< more kernel parameters
  std::string accelerator;  ///< "kvm" or "tcg"
  MachineSize size;
  double patience = 1;  ///< factor on the session's own limits
  /// What every plan is made of: kernel, accelerator and cells are filled in here.
  Plan plan;
  bool census_only = false;        ///< boot once even if the queue has nothing
  std::filesystem::path folder;    ///< for consoles; its own
  std::function<bool()> may_join;  ///< true if another machine may come to help: take small bites
};

/// What a session found out. Times in seconds of this session's machines.
struct SessionResult {
  std::optional<Environment> environment;
  std::vector<TrialRecord> trials;
  std::vector<MeasureRecord> measures;
  std::vector<CensusRecord> censuses;
  std::vector<Incident> incidents;
  std::map<std::string, double> phases;  ///< "boot", "provision", "trials"
  int boots = 0;
};

/// Boots the kernel and feeds it from the queue. A boot that ends badly costs the trial that was
/// running, which gets the ending as its finding; the next boot goes on behind it. Two boots in a
/// row that die before their first trial: the kernel is given up, what is left of the queue is
/// skipped with that reason. Returns early, with what was measured, when asked to stop.
/// To be called on a thread of its own that outlives it: the QEMU dies with its thread.
[[nodiscard]] SessionResult run_session(const SessionSpec& spec, CellQueue& queue,
                                        const LabEvents& events, std::stop_token stop);

/// The kernel parameters of a guest, without the user's own. Pure.
[[nodiscard]] std::string guest_parameters(const std::string& mode, const std::string& accelerator,
                                           unsigned nvdimms);

}  // namespace daxbreak
