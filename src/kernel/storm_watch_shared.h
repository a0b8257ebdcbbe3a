/* SPDX-License-Identifier: GPL-2.0 */
/* What storm_watch.bpf.c and storm_watch.cpp agree on. Plain C, for both compilers. */
#pragma once

#include <linux/types.h>

#define STORM_PUT_HOOKS 4
#define STORM_SLOTS 256
#define STORM_KEYS 4096

/* What was seen of one breaker; written by the kernel, read between its breaks. Times are those of
 * the last wait that ended: put <= wake <= run, of which the first two are 0 if nobody looked. */
struct storm_stamp {
  __u64 put_ns;   /* the last reference was about to be dropped */
  __u64 wake_ns;  /* wake_up_var() was entered */
  __u64 run_ns;   /* the waiter was switched to */
  __u64 scans;    /* dax_layout_busy_page_range() returned, how often */
  __u64 sleeps;   /* switched away from while it waited */
  __u64 spurious; /* ran again, and the next scan found a busy page */
  __u64 wakes;    /* waits that a wake ended ... */
  __u64 waiters;  /* ... and how many breakers waited at these wakes, added up */
};
