// SPDX-License-Identifier: GPL-2.0
/// A descriptor in a UNIX socket's queue (SCM_RIGHTS, unix(7)).
#pragma once

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// Sends a descriptor, without blocking; 0 or errno. One system call and nothing else, so that a
/// HolderProcess may use it.
[[nodiscard]] int send_fd(int socket, int fd);

/// Takes the descriptor that waits in the queue.
[[nodiscard]] Result<Fd> receive_fd(int socket);

}  // namespace daxbreak
