/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How BPF programs read a struct page. Only the members used are declared; libbpf relocates them
 * (CO-RE) against the running kernel's BTF, by name, through anonymous unions. Names after ___ are
 * flavours: ignored by the relocation, so that one type can be declared once per era.
 */
#pragma once

/* In this order: libbpf's headers need the types of the linux ones. */
/* clang-format off */
#include <linux/types.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
/* clang-format on */

typedef struct {
  int counter;
} atomic_t;

struct page {
  atomic_t _mapcount;
  atomic_t _refcount;
} __attribute__((preserve_access_index));

/* 5.10 to 6.12: bit 0 marks a tail page, the rest is the head page (include/linux/page-flags.h
 * _compound_head()). For ZONE_DEVICE pages that are no tails the word is page->pgmap, bit 0 clear.
 */
struct page___head {
  unsigned long compound_head;
} __attribute__((preserve_access_index));

/* 7.2: renamed. With hugetlb vmemmap optimisation the rest is not the head's address but the mask
 * that turns a tail's address into it (compound_info_has_mask()). */
struct page___info {
  unsigned long compound_info;
} __attribute__((preserve_access_index));

/* 6.12 and 7.2: mappings of a large folio by any of its pages, starting at -1. Before that no
 * ZONE_DEVICE page was in the rmap at all (6.15: fsdax, fs/dax.c dax_fault_iter()). */
struct folio___large {
  atomic_t _large_mapcount;
} __attribute__((preserve_access_index));

#define SIZEOF_STRUCT_PAGE bpf_core_type_size(struct page)
#define REFCOUNT_OFFSET bpf_core_field_offset(struct page, _refcount)

static __always_inline unsigned long page_head_word(unsigned long page) {
  if (bpf_core_field_exists(((struct page___info*)0)->compound_info))
    return BPF_CORE_READ((struct page___info*)page, compound_info);
  return BPF_CORE_READ((struct page___head*)page, compound_head);
}

/* The head page of the folio that `page` is in; `word` is its page_head_word(). */
static __always_inline unsigned long page_head(unsigned long page, unsigned long word) {
  if (!(word & 1)) return page;
  /* A head comes before its tails; a mask is above every struct page. */
  return word - 1 < page ? word - 1 : page & word;
}

static __always_inline int page_refcount(unsigned long page) {
  return BPF_CORE_READ((struct page*)page, _refcount.counter);
}

/* folio_mapcount() of include/linux/mm.h, without its test for typed pages (never ZONE_DEVICE).
 * `large` pages are heads. */
static __always_inline int page_mapcount(unsigned long page, int large) {
  if (!large) return BPF_CORE_READ((struct page*)page, _mapcount.counter) + 1;
  if (bpf_core_field_exists(((struct folio___large*)0)->_large_mapcount))
    return BPF_CORE_READ((struct folio___large*)page, _large_mapcount.counter) + 1;
  return 0;
}

/* Whether a head or single page heads a large folio: its neighbour is a tail that leads to it. */
static __always_inline int page_is_large_head(unsigned long page) {
  unsigned long next = page + SIZEOF_STRUCT_PAGE;
  unsigned long word = page_head_word(next);

  return (word & 1) && page_head(next, word) == page;
}
