// SPDX-License-Identifier: GPL-2.0
/// The lab as the command line uses it: kernels and cells in, a run's record out.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "lab/accelerator.h"
#include "lab/interrupt.h"
#include "lab/lab_directory.h"
#include "lab/scheduler.h"

namespace daxbreak {

/// A kernel to test, ready to boot, and what to test on it.
struct LabKernel {
  KernelImage image;
  std::filesystem::path initrd;  ///< /init is this binary, with /lib/modules/daxbreak.list
  std::vector<PlannedCell> cells;
  std::string append;  ///< kernel parameters for this one, behind those for all
};

/// A whole run.
struct LabOptions {
  std::vector<LabKernel> kernels;
  MachineSize size;
  unsigned machines = 0;             ///< at once; 0: as many as cores and memory carry
  std::string append;                ///< kernel parameters for all
  std::string accelerator = "auto";  ///< or "kvm", "tcg" to leave out the probe
  double patience = 1;               ///< factor on every deadline, on top of the accelerator's own
  /// What every plan is made of; kernel, accelerator, patience and cells are filled in, schemes
  /// if it is empty.
  Plan plan;
  std::filesystem::path cache;     ///< where the accelerator's answer is remembered; may be empty
  std::filesystem::path consoles;  ///< keep consoles of all boots there; empty: nowhere
  LabEvents events;                ///< called from several threads, one at a time
};

/// Plan::patience for trials under an accelerator: 1 under KVM, more under emulation.
[[nodiscard]] double trial_patience(const std::string& accelerator);

/// Runs it. What can go wrong with one kernel is in the record; an Error means that nothing could
/// be run: QEMU missing, sizes without sense, too little memory. When stopped it returns what was
/// measured; no QEMU and no temporary file is left.
[[nodiscard]] Result<RunRecord> run_lab(const LabOptions& options, const std::stop_token& stop);

/// Boots the first kernel of the options with its DAX filesystems mounted and gives the terminal to
/// a shell in it. Returns QEMU's exit status after the shell has ended.
[[nodiscard]] Result<int> lab_shell(const LabOptions& options, const std::stop_token& stop);

}  // namespace daxbreak
