// SPDX-License-Identifier: GPL-2.0
/*
 * The counts of device-private pages where the driver gets them back and hands them out. A storm
 * does that 100,000 times: kept are histograms, not events.
 */
/* In this order: libbpf's headers need the types of the linux ones. */
/* clang-format off */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "kernel/private_shared.h"
#include "kernel/struct_page.bpf.h"
/* clang-format on */

/* Shared with user space, which maps it. Struct pages from `first` to before `end` are watched. */
__u32 armed = 0;
__u64 first = 0;
__u64 end = 0;
__u64 linger_ns = 0;
__u64 seen[PRIVATE_MOMENTS][PRIVATE_COUNTS] = {};

static __always_inline void note(__u32 moment, __u64 page) {
  __s64 place;

  if (!armed || page < first || page >= end) return;
  place = (__s64)page_refcount(page) - PRIVATE_LEAST;
  if (place < 0) place = 0;
  if (place >= PRIVATE_COUNTS) place = PRIVATE_COUNTS - 1;
  barrier_var(place);
  place &= PRIVATE_COUNTS - 1;
  __sync_fetch_and_add(&seen[moment][place], 1);
}

/* free_devmap_managed_page(page) of 5.10, free_zone_device_page(page) from 5.18 on, with a folio in
 * 7.2: they call pgmap->ops->page_free() and leave the count alone until then. */
SEC("kprobe")
int freed(struct pt_regs* ctx) {
  note(PRIVATE_FREED, PT_REGS_PARM1(ctx));
  return 0;
}

/* zone_device_page_init(page), since 6.1: sets the count to one whatever it was. */
SEC("kprobe")
int handed_out(struct pt_regs* ctx) {
  note(PRIVATE_HANDED_OUT, PT_REGS_PARM1(ctx));
  return 0;
}

/* migrate_page(mapping, newpage, page, mode), migrate_folio(mapping, dst, src, mode) from 6.0 on:
 * on the way to the device the new page is the device's. */
SEC("kprobe")
int filled(struct pt_regs* ctx) {
  note(PRIVATE_FILLED, PT_REGS_PARM2(ctx));
  return 0;
}

/* dmirror_devmem_free() of lib/test_hmm.c, the driver's page_free(), returns late: what its caller
 * does to the page afterwards meets whoever was given the page meanwhile. */
SEC("kretprobe")
int linger(struct pt_regs* ctx) {
  __u64 until;
  int i;

  if (!armed || !linger_ns) return 0;
  until = bpf_ktime_get_ns() + linger_ns;
  /* The bound is for the verifier, which follows 8192 jumps in a row (kernel/bpf/verifier.c,
   * BPF_COMPLEXITY_LIMIT_JMP_SEQ), and for a clock that stands still. */
  for (i = 0; i < 2000; i++)
    if (bpf_ktime_get_ns() >= until) break;
  return 0;
}

char LICENSE[] SEC("license") = "GPL";
