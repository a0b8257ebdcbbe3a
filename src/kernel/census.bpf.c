// SPDX-License-Identifier: GPL-2.0
/*
 * Reads struct pages of the running kernel. Nothing here is attached: user space runs the programs
 * with BPF_PROG_TEST_RUN, which raw tracepoint programs can since 5.10 (net/bpf/test_run.c
 * bpf_prog_test_run_raw_tp()), and which hands them ctx_in as arguments.
 *
 * Global functions (not static) are verified once, on their own; calls to them in a loop then cost
 * the verifier next to nothing, which keeps loading fast where there is no bpf_loop()
 * (before 5.17).
 */
/* In this order: libbpf's headers need the types of the linux ones. */
/* clang-format off */
#include <linux/types.h>
#include <linux/bpf.h>
#include "kernel/census_shared.h"
#include "kernel/struct_page.bpf.h"
/* clang-format on */

/* count -> pages that have it. More different counts than this is an error, not a loss. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4096);
  __type(key, __s32);
  __type(value, __u64);
} histogram SEC(".maps");

/* Shared with user space, which maps it. One run at a time. */
struct census_page wanted[CENSUS_READ_PAGES];
unsigned long vmemmap = 0;
__u32 page_size = 0;

static char chunk[CENSUS_BLOCK * 128]; /* a power of two, more than a block's struct pages */
static __s32 run_count;
static __u64 run_length;

/* Enters the run of equal counts that ended into the histogram. */
static __always_inline int end_run(void) {
  __s32 key = run_count;
  __u64 length = run_length, *pages;

  run_length = 0;
  if (!length) return 0;
  pages = bpf_map_lookup_elem(&histogram, &key);
  if (pages) {
    *pages += length;
    return 0;
  }
  return bpf_map_update_elem(&histogram, &key, &length, BPF_ANY);
}

/* Counts the i-th struct page of the chunk. Nearly all pages have the count of their neighbour:
 * adds up runs, not pages. */
__attribute__((noinline)) int count_page(__u64 i) {
  __u64 offset = i * SIZEOF_STRUCT_PAGE + REFCOUNT_OFFSET;
  __s32 count;
  int err;

  barrier_var(offset);
  offset &= sizeof(chunk) - sizeof(count);
  count = *(__s32*)(chunk + offset);
  if (count != run_count) {
    err = end_run();
    if (err) return err;
    run_count = count;
  }
  run_length++;
  return 0;
}

/* Counts `pages` (1 to CENSUS_BLOCK) struct pages from `first` on, copied in one go. The verifier
 * of 5.10 loses the bounds of products and of 32-bit scalars: hence 64-bit scalars, a mask that
 * changes nothing, and a barrier, or the compiler, which does keep bounds, would drop the mask. */
__attribute__((noinline)) int count_block(__u64 first, __u64 pages) {
  __u64 bytes = pages * SIZEOF_STRUCT_PAGE, i;
  int err;

  if (pages > CENSUS_BLOCK || bytes > sizeof(chunk) - 1) return -22;
  barrier_var(bytes);
  bytes &= sizeof(chunk) - 1;
  err = bpf_probe_read_kernel(chunk, bytes, (void*)first);
  if (err) return err;
  for (i = 0; i < CENSUS_BLOCK; i++) {
    if (i >= pages) break;
    err = count_page(i);
    if (err) return err;
  }
  return 0;
}

/* args: address of the first struct page, how many blocks (up to CENSUS_RUN_BLOCKS), how many pages
 * each (up to CENSUS_BLOCK). The loop has no branch but its exits: the verifier follows each. */
SEC("raw_tp/census")
int census_count(struct bpf_raw_tracepoint_args* ctx) {
  __u64 first = ctx->args[0], blocks = ctx->args[1], pages = ctx->args[2], block;
  int err;

  for (block = 0; block < CENSUS_RUN_BLOCKS; block++) {
    if (block >= blocks) break;
    err = count_block(first, pages);
    if (err) return err;
    first += pages * SIZEOF_STRUCT_PAGE;
  }
  return end_run();
}

__attribute__((noinline)) int read_wanted(__u64 i) {
  struct census_page* slot;
  unsigned long page, word, head;

  if (i >= CENSUS_READ_PAGES) return -22;
  slot = &wanted[i];
  page = slot->page;
  word = page_head_word(page);
  head = page_head(page, word);
  slot->compound = head != page || page_is_large_head(head);
  slot->refcount = page_refcount(head);
  slot->mapcount = page_mapcount(head, slot->compound);
  return 0;
}

/* args: how many of `wanted` to fill in. */
SEC("raw_tp/census")
int census_read(struct bpf_raw_tracepoint_args* ctx) {
  __u64 count = ctx->args[0], i;
  int err;

  for (i = 0; i < CENSUS_READ_PAGES; i++) {
    if (i >= count) break;
    err = read_wanted(i);
    if (err) return err;
  }
  return 0;
}

/* args: address of the kernel variable vmemmap_base. Fills in what page_address() needs. */
SEC("raw_tp/census")
int census_describe(struct bpf_raw_tracepoint_args* ctx) {
  page_size = SIZEOF_STRUCT_PAGE;
  return bpf_probe_read_kernel(&vmemmap, sizeof(vmemmap), (void*)ctx->args[0]);
}

char LICENSE[] SEC("license") = "GPL";
