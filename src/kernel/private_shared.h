/* SPDX-License-Identifier: GPL-2.0 */
/* What private_watch.bpf.c and private_watch.cpp share. */
#pragma once

/* Moments in the life of a device-private page. */
#define PRIVATE_FREED 0      /* the driver gets it back: ops->page_free() is entered */
#define PRIVATE_HANDED_OUT 1 /* the driver hands it out: its count is about to be set */
#define PRIVATE_FILLED 2     /* it takes a page's place: the migration looks at the counts */
#define PRIVATE_MOMENTS 3

/* Counts from PRIVATE_LEAST on have a place of their own; what is beyond shares the last. */
#define PRIVATE_LEAST (-2)
#define PRIVATE_COUNTS 16
