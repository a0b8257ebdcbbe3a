// SPDX-License-Identifier: GPL-2.0
// ftruncate(2) to zero through io_uring (IORING_OP_FTRUNCATE, 6.9 and later), done by an io-wq
// worker (io_uring/truncate.c).
#include "workloads/breaker/io_uring_call.h"

namespace daxbreak {
namespace {

constexpr int op_ftruncate = 55;  // IORING_OP_FTRUNCATE, in no header before 6.9

int truncate(BreakTarget& target) {
  io_uring_sqe request{};
  request.opcode = op_ftruncate;
  request.fd = target.fd;
  request.off = 0;  // the new size
  return UringCall::of(target).call(request);
}

const BreakerRegistry::Add registered{{
    .name = "io-uring-ftruncate",
    .help = "io_uring IORING_OP_FTRUNCATE to zero (6.9 and later); a signal has it cancelled",
    .ends_file = true,
    .arm = [](BreakTarget& target) { return UringCall::arm(target, op_ftruncate); },
    .run = truncate,
    .recipe = {.includes = uring_recipe_includes,
               .functions = uring_recipe_functions,
               .arm = "break_ring(55 /* IORING_OP_FTRUNCATE */);\n",
               .call = "break_submit(55 /* IORING_OP_FTRUNCATE */, 0, 0, 0)"},
}};

}  // namespace
}  // namespace daxbreak
