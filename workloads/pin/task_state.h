// SPDX-License-Identifier: GPL-2.0
/// What tasks that do a pin's I/O are about, by /proc.
#pragma once

#include <sys/types.h>

namespace daxbreak {

/// The state letter of a task of this process ('R', 'S', 'D', ...; proc(5)), or 0 if it is gone.
[[nodiscard]] char task_state(pid_t tid);

/// Whether every io_uring worker that could act for this process is idle. From 5.12 on they are
/// threads of the process ("iou-wrk-PID", fs/io-wq.c, create_io_worker()); before, kernel threads
/// ("io_wqe_worker-N"), which are shared and all looked at.
[[nodiscard]] bool io_workers_idle();

}  // namespace daxbreak
