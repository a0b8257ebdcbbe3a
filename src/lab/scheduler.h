// SPDX-License-Identifier: GPL-2.0
/// Which machine runs when: several kernels side by side, as many as cores and memory carry.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "lab/session.h"
#include "result/record.h"

namespace daxbreak {

/// What the host has to give.
struct HostCapacity {
  unsigned cores = 1;
  std::uint64_t memory = 0;  ///< bytes available now
};

/// Of this machine: processors we may use, MemAvailable.
[[nodiscard]] HostCapacity host_capacity();

/// How many machines to run at once: `wanted`, or if that is 0 one per core; never more than
/// memory carries, and not more than `useful`. An Error says what is missing for a single one.
/// Pure.
[[nodiscard]] Result<unsigned> machines_at_once(unsigned wanted, std::size_t useful,
                                                const MachineSize& size, const HostCapacity& host);

/// One kernel's share of a run. `spec.may_join` is set by the scheduler.
struct KernelWork {
  SessionSpec spec;
  std::vector<PlannedCell> cells;
};

/// Runs all kernels on `machines` threads, the ones with most cells first. A machine whose kernel
/// is done helps another kernel while enough cells of it are left. Events come from those threads,
/// one at a time. The result has the kernels in the order given and each one's trials by index;
/// phases are machine time, so that they add up to more than the wall time where machines ran side
/// by side.
[[nodiscard]] RunRecord run_kernels(const std::vector<KernelWork>& work, unsigned machines,
                                    const LabEvents& events, const std::stop_token& stop);

}  // namespace daxbreak
