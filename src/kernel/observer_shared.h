/* SPDX-License-Identifier: GPL-2.0 */
/* What observer.bpf.c and observer.cpp agree on. Plain C, for both compilers. */
#pragma once

#include <linux/types.h>

#define OBSERVER_PUT_HOOKS 4
#define OBSERVER_MAX_PAGES 4096
#define OBSERVER_MAX_TASKS 1024
#define OBSERVER_RING_BYTES (1 << 20)

/* Values of KernelEventKind (observer.h). */
enum observer_kind {
  OBSERVER_SCAN = 1,
  OBSERVER_WAIT = 2,
  OBSERVER_SLEEP = 3,
  OBSERVER_RUN = 4,
  OBSERVER_WAKE = 5,
  OBSERVER_PUT = 6,
  OBSERVER_WRITEBACK = 7,
};

struct observer_event {
  __u64 t_ns;
  __u64 page;
  __u64 key;
  __u32 kind;
  __u32 tid;
  __s32 count;
  __s32 mapcount;
  __s32 refs;
  __u32 interrupt;
};
