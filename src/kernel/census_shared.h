/* SPDX-License-Identifier: GPL-2.0 */
/* What census.bpf.c and census.cpp agree on. Plain C, for both compilers. */
#pragma once

#include <linux/types.h>

/* Struct pages copied at once; blocks of them per BPF run (which cannot be preempted: keep it under
 * a millisecond or so on real hardware); single pages read per run. */
#define CENSUS_BLOCK 64
#define CENSUS_RUN_BLOCKS 128
#define CENSUS_READ_PAGES 1024

/* One page asked for: the address in, the rest out. */
struct census_page {
  __u64 page;
  __s32 refcount;
  __s32 mapcount;
  __u32 compound;
  __u32 unused;
};
