// SPDX-License-Identifier: GPL-2.0
// Which lines of the kernel's log count against it.
#include "kernel/log.h"

#include <gtest/gtest.h>

namespace daxbreak {
namespace {

TEST(KernelLog, FatalLines) {
  for (const char* line :
       {"BUG: unable to handle page fault for address: ffffe8c00a30000",
        "Oops: 0002 [#1] PREEMPT SMP NOPTI", "Oops: Oops: 0000 [#1] SMP NOPTI",
        "general protection fault, probably for non-canonical address 0xdead000000000122",
        "kernel BUG at fs/dax.c:452!", "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [try:91]",
        "NMI watchdog: Watchdog detected hard LOCKUP on cpu 0",
        "Kernel panic - not syncing: Fatal exception", "BUG: KASAN: use-after-free in put_page",
        "BUG: Bad page state in process try  pfn:128a40"}) {
    EXPECT_TRUE(is_fatal(line)) << line;
    EXPECT_TRUE(is_complaint(line)) << line;
  }
}

TEST(KernelLog, ComplaintsThatLeaveTheMachineUsable) {
  for (const char* line :
       {"WARNING: CPU: 0 PID: 92 at fs/dax.c:372 dax_disassociate_entry+0x4e/0x60",
        "WARNING: possible circular locking dependency detected",
        "INFO: task try:123 blocked for more than 120 seconds.",
        "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
        "rcu: INFO: rcu_sched self-detected stall on CPU",
        "UBSAN: array-index-out-of-bounds in fs/dax.c:1:2",
        "WARNING: fs/dax.c:452 at dax_folio_reset_order+0x1/0x2, CPU#0: try/92"}) {
    EXPECT_TRUE(is_complaint(line)) << line;
    EXPECT_FALSE(is_fatal(line)) << line;
  }
}

TEST(KernelLog, OrdinaryLines) {
  for (const char* line :
       {"", "EXT4-fs (pmem0): DAX enabled. Warning: EXPERIMENTAL, use at your own risk",
        "EXT4-fs (pmem0): mounted filesystem with ordered data mode",
        "XFS (pmem0): DAX enabled. Warning: EXPERIMENTAL, use at your own risk",
        "x86/cpu: SPECTRE DEBUG: nothing", "ACPI BIOS Warning (bug): Incorrect checksum",
        "nd_pmem namespace0.0: unable to guarantee persistence of writes", "RunOopsy: fine",
        "RAS: Correctable Errors collector initialized.",
        "daxbreak: trial 7 BUG: WARNING: quoted in our own marker"}) {
    EXPECT_FALSE(is_complaint(line)) << line;
    EXPECT_FALSE(is_fatal(line)) << line;
  }
}

}  // namespace
}  // namespace daxbreak
