// SPDX-License-Identifier: GPL-2.0
/// The guest's side of the lab: this binary as /init of a virtual machine.
///
/// The kernel's command line says what to be (`daxbreak.mode=`):
///   run    (default) talk to the host over the port, run the plans it sends, power off
///   exec   make and mount one DAX filesystem (`daxbreak.filesystem=`), run one command in it
///   shell  make and mount the DAX filesystems, give the console to a shell, power off after it
/// and `daxbreak.nvdimms=N` how many NVDIMMs to wait for, `daxbreak.slow=1` that timings are those
/// of software emulation (watchdogs are then more patient), `daxbreak.rows=`, `daxbreak.columns=`
/// the size of the person's terminal.
///
/// In run mode PID 1 only listens: it relays lines from the runner, its child, to the host, writes
/// an Alive line every second and reaps. A runner stuck in the kernel therefore does not silence
/// the guest; only a dead kernel does.
#pragma once

namespace daxbreak {

/// True in the process that must call guest_main(): PID 1 of a machine booted by the lab.
[[nodiscard]] bool is_guest_init();

/// Does the guest's whole work and powers the machine off. Comes back only if even that fails.
int guest_main();

}  // namespace daxbreak
