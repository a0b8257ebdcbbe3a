// SPDX-License-Identifier: GPL-2.0
// punch-hole through io_uring (IORING_OP_FALLOCATE): always done by an io-wq worker, which sleeps
// in the layout break until cancelling signals it. What vfs_fallocate() then returns goes into the
// completion (io_uring/sync.c, io_fallocate()): 6.1.192 and 6.12.117 make EINTR of it on the way
// (io_uring/io_uring.c, io_issue_sqe(): io_fixup_restart_res()), while 5.10.262 and 7.2.13 were
// seen to show the caller ERESTARTSYS, 512.
#include <linux/falloc.h>

#include "workloads/breaker/io_uring_call.h"

namespace daxbreak {
namespace {

constexpr unsigned mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

int punch(BreakTarget& target) {
  io_uring_sqe request{};
  request.opcode = IORING_OP_FALLOCATE;
  request.fd = target.fd;
  request.off = target.offset;
  request.addr = target.length;
  request.len = mode;
  return UringCall::of(target).call(request);
}

const BreakerRegistry::Add registered{{
    .name = "io-uring-fallocate-punch",
    .help = "io_uring IORING_OP_FALLOCATE, punching a hole; a signal has it cancelled",
    .ranged = true,
    .arm = [](BreakTarget& target) { return UringCall::arm(target, IORING_OP_FALLOCATE); },
    .run = punch,
    .recipe = {.includes = "#include <linux/falloc.h>\n#include <linux/io_uring.h>\n",
               .functions = uring_recipe_functions,
               .arm = "break_ring(IORING_OP_FALLOCATE);\n",
               .call = "break_submit(IORING_OP_FALLOCATE, FALLOC_FL_PUNCH_HOLE | "
                       "FALLOC_FL_KEEP_SIZE, (uint64_t)offset, (uint64_t)length)"},
}};

}  // namespace
}  // namespace daxbreak
